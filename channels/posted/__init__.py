"""Posts of forms and apps, mapped to contacts by configuration."""
