// The chat itself: a button, and a dialog that a keyboard and a screen reader can use. Says in words whatever it shows.
const SCRIPT = document.currentScript;
const BASE = new URL('../..', SCRIPT.src).href.replace(/\/$/, '');
const LANGUAGE = (SCRIPT.dataset.language || document.documentElement.lang || 'sv').toLowerCase().startsWith('en') ? 'en' : 'sv';
const TYPING_MS = 4000;
class Chat extends HTMLElement {
  connectedCallback() {
    if (this.root) return;
    this.style.setProperty('all', 'initial', 'important');
    const t = this.t = Object.fromEntries(Object.entries(WORDS).map(([key, said]) => [key, said[LANGUAGE === 'en' ? 1 : 0]]));
    const texts = this.texts = CITY.texts[LANGUAGE] || {};
    if (texts.agent) t.agent = texts.agent;
    Object.assign(this, { phase: 'none', unread: 0, isOpen: true });
    this.log = new Log(t, file => this.fetchFile(file));
    this.line = new Line(BASE, LANGUAGE, this);
    this.build(t, texts);
    if (memory.get('isShown')) this.show(false);
    else if (memory.get('token')) this.line.open();
  }
  build(t, texts) {
    this.root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.root.adoptedStyleSheets = [sheet];
    this.label = h('span', {}, t.open);
    this.launcher = h('button', { type: 'button', className: 'launcher', 'aria-expanded': 'false', 'aria-haspopup': 'dialog', onclick: () => this.panel.hidden ? this.show() : this.hide() }, this.label);
    this.status = h('p', { className: 'status', role: 'status' });
    this.heading = h('h2', { id: 'title', tabIndex: -1 }, texts.title || `${t.chat} – ${CITY.name}`);
    this.typed = h('p', { className: 'typing' });
    this.main = h('div', { className: 'view' });
    this.extra = h('div', { className: 'extra' });
    this.composer = this.composerOf(t);
    this.actions = this.actionsOf(t);
    this.panel = h('div', { className: 'panel', role: 'dialog', 'aria-labelledby': 'title', hidden: true, onkeydown: event => { if (event.key === 'Escape') { event.stopPropagation(); this.hide(); } } },
      h('div', { className: 'head' }, this.heading, h('button', { type: 'button', className: 'close', ariaLabel: t.close, onclick: () => this.hide() }, '×')),
      this.status, this.main, this.log.box, this.log.news, this.typed, this.extra, this.composer, this.actions);
    // Says what came while the dialog is closed.
    this.aside = h('p', { className: 'aside', ariaLive: 'polite' });
    this.root.append(h('div', { className: 'all', lang: LANGUAGE }, this.panel, this.launcher, this.aside));
    this.look();
  }
  composerOf(t) {
    this.text = field(t.write, { rows: 2, maxLength: CITY.most, value: memory.get('draft') || '', oninput: () => this.wrote(), onkeydown: event => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
    } }, 'textarea');
    this.picker = h('input', { type: 'file', accept: 'image/*,.pdf,.txt', hidden: true, onchange: () => this.upload() });
    return h('form', { className: 'composer', hidden: true, onsubmit: event => { event.preventDefault(); this.submit(); } }, this.text.row,
      h('div', { className: 'row' }, h('button', { type: 'submit', className: 'main' }, t.send), CITY.file ? button(t.file, () => this.picker.click()) : null, this.picker));
  }
  actionsOf(t) {
    const list = this.list = h('div', { className: 'row', id: 'more', hidden: true });
    const more = this.more = h('button', { type: 'button', className: 'link', 'aria-expanded': 'false', 'aria-controls': 'more', onclick: () => {
      list.hidden = !list.hidden;
      more.setAttribute('aria-expanded', String(!list.hidden));
    } }, t.more);
    return h('div', { className: 'actions', hidden: true }, more, list);
  }
  // Showing and hiding ------------------------------------------------------------------------------------------------
  show(isWanted = true) {
    this.panel.hidden = false;
    this.launcher.setAttribute('aria-expanded', 'true');
    this.count(0);
    memory.set({ isShown: true });
    if (!this.line.socket) this.line.open();
    if (isWanted) (this.composer.hidden ? this.heading : this.text.input).focus();
    this.log.toEnd();
    this.seen();
  }
  hide() {
    this.panel.hidden = true;
    this.launcher.setAttribute('aria-expanded', 'false');
    memory.set({ isShown: false });
    this.launcher.focus();
  }
  count(unread) {
    this.unread = unread;
    const told = unread ? this.t.unread(unread) : '';
    this.label.textContent = this.t.open + (told && ` (${told})`);
    this.aside.textContent = told && `${this.t.chat}: ${told}`;
  }
  note(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
  // What the service tells --------------------------------------------------------------------------------------------
  draw(told) {
    const isNew = !this.drawn, isGone = told.phase === 'none' && memory.get('begun');
    this.drawn = true;
    if (isGone) {
      // The chat is too old to come back to: what was not sent may begin a new one.
      const left = [...this.line.waiting.values()].map(each => each.data.text).filter(Boolean);
      this.line.drop();
      this.log.clear();
      memory.set({ begun: false, draft: left.join('\n') || memory.get('draft') });
    }
    this.isOpen = told.is_open;
    this.log.agent = told.agent || this.t.agent;
    for (const each of this.line.waiting.values()) if (each.data.text && each.name === 'message.send') this.log.mine(each.id, each.data.text, Date.now());
    this.log.all(told.messages || []);
    if (told.answer) this.log.add({ n: 1.5, by: 'service', text: told.answer });
    this.stand(told.phase, told);
    if (isGone) this.note(this.t.ended_away);
    if (isNew && !this.panel.hidden && this.phase === 'none' && this.root.activeElement === this.heading) this.form.first.focus();
  }
  lost() {
    this.note(this.t.lost);
  }
  connected() {
    if (this.status.textContent === this.t.lost) this.stand(this.phase, this.told || {}, this.t.back + ' ');
  }
  event(kind, data) {
    if (kind === 'message') {
      this.typing(false);
      if (this.log.add(data) && data.by !== 'resident') {
        this.last = data.n;
        if (this.panel.hidden) this.count(this.unread + 1);
        this.seen();
      }
    } else if (kind === 'agent.joined') this.stand('agent', { agent: data.name });
    else if (kind === 'chat.waiting') this.stand(data.phase, data);
    else if (kind === 'chat.ended') this.stand('ended', data);
    else if (kind === 'chat.reminder') {
      this.note(this.t.remind(Math.max(1, Math.round(data.ends_in_s / 60))));
      this.extra.replaceChildren(button(this.t.here, () => { this.extra.replaceChildren(); this.line.ask('read', { n: this.last || 1 }).catch(() => 0); this.stand('agent', this.told); this.text.input.focus(); }));
    }
  }
  stand(phase, told, before = '') {
    const t = this.t, was = this.phase;
    this.phase = phase;
    this.told = told;
    if (phase === 'agent') this.log.agent = told.agent || t.agent;
    const text = { none: '', waiting: [t.waiting, told.ahead != null ? t.ahead(told.ahead) : '', told.wait ? t.band(...told.wait) : '', told.announcement || ''].filter(Boolean).join(' '),
      agent: told.agent ? t.joined(told.agent) : t.someone, parked: t.parked, answered: t.answered, ended: t['ended_' + told.why] || t.ended }[phase];
    this.note(before + text);
    this.look(was);
  }
  look(was) {
    const t = this.t, phase = this.phase, isTalk = !['none', 'ended'].includes(phase);
    const had = this.root.activeElement;
    if (phase === 'none' && this.drawn) {
      if (!this.form || this.form.isOpen !== this.isOpen) {
        this.form = startForm(t, LANGUAGE, this.isOpen, this.texts, data => this.start(data));
        this.form.isOpen = this.isOpen;
        this.main.replaceChildren(this.form);
      }
    } else if (phase !== 'none') {
      this.form = null;
      this.main.replaceChildren();
    }
    this.main.hidden = phase !== 'none';
    this.log.box.hidden = phase === 'none';
    this.composer.hidden = !isTalk;
    this.actions.hidden = phase === 'none';
    if (was !== phase) {
      this.extra.replaceChildren();
      this.offer(isTalk);
    }
    if (had && was && was !== phase && !this.root.activeElement && !this.panel.hidden) (isTalk ? this.text.input : this.heading).focus();
  }
  offer(isTalk) {
    const t = this.t;
    const ways = [button(t.save, () => saveAs(new Blob([this.log.asText()], { type: 'text/plain' }), 'chat.txt'))];
    if (CITY.transcript) ways.push(button(t.mail, () => this.small(t.emailTo, { type: 'email', autocomplete: 'email' }, email => this.line.ask('transcript.send', { email }).then(() => this.say(t.mailed)))));
    if (isTalk && CITY.callback) ways.push(button(t.call, () => this.small(t.phone, { type: 'tel', autocomplete: 'tel' }, phone => this.line.ask('callback.ask', { phone }).then(() => 0))));
    if (isTalk) ways.push(button(t.end, () => this.confirm()));
    this.list.replaceChildren(...ways);
    this.list.hidden = isTalk;
    this.more.hidden = !isTalk;
    this.more.setAttribute('aria-expanded', 'false');
    if (!isTalk) this.list.append(button(t.anew, () => this.anew(), 'main'));
  }
  small(label, props, submit) {
    const form = smallForm(this.t, label, props, submit, () => { this.extra.replaceChildren(); this.more.focus(); });
    this.extra.replaceChildren(form);
    form.first.focus();
  }
  confirm() {
    const t = this.t, no = button(t.keep, () => { this.extra.replaceChildren(); this.more.focus(); });
    this.extra.replaceChildren(h('div', { className: 'row', role: 'group', ariaLabel: t.end }, button(t.sure, () => this.line.ask('chat.end', {}).catch(() => 0), 'main'), no));
    no.focus();
  }
  say(text) {
    this.extra.replaceChildren();
    this.note(text);
    (this.more.hidden ? this.heading : this.more).focus();
  }
  typing(is) {
    clearTimeout(this.typingEnds);
    const atEnd = this.log.isAtEnd();
    this.typed.textContent = is ? this.t.writes(this.log.agent) : '';
    if (atEnd) this.log.toEnd();
    if (is) this.typingEnds = setTimeout(() => this.typing(false), 2 * TYPING_MS);
  }
  stopped(code) {
    const t = this.t;
    if (code === 4010) return this.drawn && this.phase === 'none' && this.panel.hidden ? 0 : this.anew(true);
    this.note(code === 4009 ? t.taken : t.lost);
    this.composer.hidden = true;
    this.extra.replaceChildren(button(code === 4009 ? t.here2 : t.again, () => { this.extra.replaceChildren(); this.line.sid = ''; this.line.open(); }));
  }
  // What the resident does --------------------------------------------------------------------------------------------
  async start(data) {
    this.text.input.value = '';
    const told = await this.line.ask(this.isOpen ? 'chat.start' : 'message.leave', data, { isKept: true });
    this.begun(told, data);
  }
  begun(told, data) {
    memory.set({ token: told.token, draft: this.text.input.value, begun: true });
    this.log.add({ n: 1, by: 'resident', text: data.text.trim(), at: Date.now() });
    if (told.answer) this.log.add({ n: 1.5, by: 'service', text: told.answer });
    if (this.phase === 'none') this.stand(told.phase, told);
  }
  // The answer to what was asked before a reload.
  late(told, each) {
    if (told.token) this.begun(told, each.data);
    else this.log.arrived(each.id);
  }
  refused(slug, each) {
    this.log.failed(each.id, () => this.send(each.data.text));
  }
  submit() {
    const text = this.text.input.value.trim();
    if (!text) return;
    this.text.input.value = '';
    memory.set({ draft: '' });
    this.isWriting = false;
    this.send(text);
    this.text.input.focus();
  }
  send(text) {
    const id = newId();
    this.extra.replaceChildren();
    this.log.mine(id, text, Date.now());
    this.line.ask('message.send', { text }, { id, isKept: true }).then(() => this.log.arrived(id), () => this.log.failed(id, () => this.send(text)));
  }
  wrote() {
    memory.set({ draft: this.text.input.value });
    if (this.phase !== 'agent' || !this.line.ready) return;
    const now = Date.now();
    if (!this.isWriting || now - this.isWriting > TYPING_MS) {
      this.isWriting = now;
      this.line.ask('typing', { is_typing: true }).catch(() => 0);
    }
  }
  seen() {
    if (this.last && !this.panel.hidden && this.phase === 'agent' && this.last !== this.read && this.line.ready) {
      this.read = this.last;
      this.line.ask('read', { n: this.last }).catch(() => 0);
    }
  }
  async upload() {
    const file = this.picker.files[0], t = this.t;
    this.picker.value = '';
    if (!file) return;
    let id;
    try {
      if (file.size > CITY.file) throw 'too-large';
      const name = file.name.replace(/[\/\\;\x00-\x1f]/g, '_').slice(-200);
      const leave = await this.line.ask('attachment.send', { name, media_type: file.type, size_bytes: file.size });
      this.log.mine(id = leave.id, file.name, Date.now());
      const form = new FormData();
      form.append('ticket', leave.ticket);
      form.append('file', file, name);
      const answer = await fetch(`${BASE}/v1/chat/uploads`, { method: 'POST', body: form });
      if (!answer.ok) throw (await answer.json()).type.split(':').pop();
      this.log.arrived(id);
    } catch (slug) {
      this.note(t[slug] || t.wrong);
      this.log.failed(id, () => this.picker.click());
    }
  }
  async fetchFile(file) {
    try {
      const answer = await fetch(`${BASE}/v1/chat/files`, { method: 'POST', body: new URLSearchParams({ token: memory.get('token'), blob: file.blob }) });
      if (!answer.ok) throw 0;
      saveAs(await answer.blob(), file.name);
    } catch {
      this.note(this.t.wrong);
    }
  }
  anew(isQuiet = false) {
    this.line.shut();
    this.line.drop();
    memory.clear();
    memory.set({ isShown: !this.panel.hidden });
    Object.assign(this.line, { sid: '', seq: 0, acked: 0, ready: false });
    Object.assign(this, { phase: 'none', drawn: false, form: null, last: 0, read: 0 });
    this.log.clear();
    this.note('');
    this.look('ended');
    if (isQuiet) return;
    this.heading.focus();
    this.line.open();
  }
}
const place = () => document.body.append(document.createElement('servicecenter-chat'));
// A second script tag adds nothing.
if (!customElements.get('servicecenter-chat')) {
  customElements.define('servicecenter-chat', Chat);
  if (document.body) place();
  else addEventListener('DOMContentLoaded', place);
}
