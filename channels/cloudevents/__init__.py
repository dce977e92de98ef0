"""The vendor-neutral channel: any system that can post CloudEvents."""
