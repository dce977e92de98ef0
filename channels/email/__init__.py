"""E-mail: SMTP and LMTP in, IMAP in, SMTP out; what a mail says, read where it can do no harm."""
