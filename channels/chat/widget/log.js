// The conversation: every record once, in the order of its number; what is not answered yet stands last.
class Log {
  constructor(t, download) {
    Object.assign(this, { t, download, messages: new Map(), own: new Map() });
    this.time = new Intl.DateTimeFormat([], { timeStyle: 'short' });
    this.date = new Intl.DateTimeFormat([], { dateStyle: 'short', timeStyle: 'short' });
    this.list = h('ol', {});
    this.news = button(t.news, () => this.toEnd(), 'news');
    this.news.hidden = true;
    this.box = h('div', { className: 'log', role: 'log', tabIndex: 0, ariaLabel: t.chat, onscroll: () => { if (this.isAtEnd()) this.news.hidden = true; } }, this.list);
    this.agent = t.agent;
  }
  isAtEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 40;
  }
  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
    this.news.hidden = true;
  }
  clear() {
    this.messages.clear();
    this.own.clear();
    this.list.replaceChildren();
  }
  // Draws what a snapshot holds; own words that the service does not know yet stay.
  all(messages) {
    const unknown = [...this.own.entries()].filter(([id]) => !messages.some(each => each.id === id));
    this.clear();
    for (const each of messages) this.add(each);
    for (const [id, item] of unknown) {
      this.own.set(id, item);
      this.list.append(item.row);
    }
    this.toEnd();
  }
  add(message) {
    if (this.messages.has(message.n)) return false;
    const atEnd = this.isAtEnd();
    const row = this.row(message);
    if (message.id && this.own.has(message.id)) this.own.get(message.id).row.remove();
    this.own.delete(message.id);
    const later = [...this.messages.keys()].filter(n => n > message.n).sort((a, b) => a - b)[0];
    this.messages.set(message.n, row);
    this.list.insertBefore(row, later ? this.messages.get(later) : null);
    this.follow(atEnd || message.by === 'resident');
    return true;
  }
  // Own words on their way.
  mine(id, text, at) {
    if (this.own.has(id)) return;
    const state = h('span', { className: 'state' }, this.t.sending);
    const row = this.row({ by: 'resident', text, at });
    row.append(state);
    this.own.set(id, { row, state });
    this.list.append(row);
    this.toEnd();
  }
  arrived(id) {
    const item = this.own.get(id);
    if (item) item.state.textContent = this.t.sent;
  }
  failed(id, again) {
    const item = this.own.get(id);
    if (item) item.state.replaceChildren(this.t.notSent + ' ', button(this.t.again, () => { item.row.remove(); this.own.delete(id); again(); }, 'link'));
  }
  row({ by, text, at, files }) {
    const who = by === 'resident' ? this.t.you : by === 'agent' ? this.agent : this.t.service;
    return h('li', { className: by },
      h('span', { className: 'who' }, who, at ? this.when(new Date(at)) : null),
      text ? h('p', {}, text) : null,
      ...(files || []).map(each => each.blob ? button(`${this.t.download}: ${each.name}`, () => this.download(each), 'link') : h('p', {}, each.name)));
  }
  // The hour, as this browser writes it; the day too when it was another one.
  when(at) {
    const isToday = at.toDateString() === new Date().toDateString();
    return h('time', { dateTime: at.toISOString() }, ' ' + (isToday ? this.time : this.date).format(at));
  }
  follow(isWanted) {
    if (isWanted) this.toEnd();
    else this.news.hidden = false;
  }
  asText() {
    return [...this.list.children].map(row => row.innerText).join('\n\n') + '\n';
  }
}
