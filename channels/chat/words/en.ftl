# What the service itself writes to whoever chats. The same keys as in sv.ftl.

transcript-title = Your chat with { $city }
transcript-head = This is what you and { $city } wrote in the chat. You can't answer this message.
transcript-line = { $at } { $who }: { $text }
transcript-line-undated = { $who }: { $text }
transcript-file = (attached file: { $name })
resident = You
agent = Service centre
service = { $city }

came-back = The person is back in the chat after an interruption.

demo-title = The chat on trial
demo-head = What the chat looks like on a web page
demo-text = The button at the bottom right opens the chat with { $city }. The page is for trials: whatever is written becomes a real contact.
