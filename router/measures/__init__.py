"""The figures by which a servicecenter is judged; pure arithmetic over counts."""
