// The line to the service: greets, resumes, acknowledges, sends again under the same id, comes back with full jitter. `on`
// is told: draw, event, typing, connected, lost, stopped, and late or refused for what was asked before a reload.
const FIRST_MS = 500, LONGEST_MS = 30000, ACK_MS = 1000, ACK_EVERY = 10, PATIENCE_MS = 10000;
const FINAL = [4001, 4003, 4009, 4010];
class Line {
  constructor(base, language, on) {
    Object.assign(this, { url: base.replace(/^http/, 'ws') + '/v1/chat', language, on, seq: 0, sid: '', tries: 0, acked: 0, ready: false });
    this.waiting = new Map((memory.get('pending') || []).map(each => [each.id, each]));
    addEventListener('online', () => this.timer && this.open());
  }
  open() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.socket) return;
    const socket = this.socket = new WebSocket(this.url);
    socket.onmessage = event => this.socket === socket && this.take(JSON.parse(event.data));
    socket.onclose = event => this.socket === socket && this.lost(event.code);
  }
  shut() {
    const socket = this.socket;
    this.socket = null;
    clearInterval(this.beat);
    if (socket) socket.close(1000);
  }
  lost(code) {
    this.socket = null;
    this.ready = false;
    clearInterval(this.beat);
    clearTimeout(this.patience);
    if (FINAL.includes(code)) return this.on.stopped(code);
    this.on.lost();
    this.timer = setTimeout(() => this.open(), Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(++this.tries, 8)));
  }
  say(frame) {
    if (this.socket && this.socket.readyState === 1) this.socket.send(JSON.stringify(frame));
  }
  take(frame) {
    const kind = frame.t;
    if (kind === 'hello') {
      const resume = this.sid ? { sid: this.sid, seq: this.seq } : undefined;
      this.hb = frame.hb * 1000;
      this.say({ t: 'auth', token: memory.get('token') || '', language: this.language, resume });
    } else if (kind === 'ready') {
      this.sid = frame.sid;
      this.seq = frame.seq;
      memory.set({ token: frame.snapshot.token });
      this.on.draw(frame.snapshot);
      this.settle();
    } else if (kind === 'resumed') {
      this.settle();
    } else if (kind === 'ev') {
      if (frame.seq <= this.seq) return;
      this.seq = frame.seq;
      this.on.event(frame.type, frame.data);
      if (this.seq - this.acked >= ACK_EVERY) this.ack();
      else if (!this.acking) this.acking = setTimeout(() => this.ack(), ACK_MS);
    } else if (kind === 'res') this.answered(frame);
    else if (kind === 'token') memory.set({ token: frame.token });
    else if (kind === 'typing') this.on.typing(frame.is_typing);
    else if (kind === 'hb_ack') clearTimeout(this.patience);
  }
  settle() {
    this.tries = 0;
    this.ready = true;
    this.ack();
    for (const each of this.waiting.values()) this.command(each);
    clearInterval(this.beat);
    this.beat = setInterval(() => {
      this.say({ t: 'hb', seq: this.seq });
      clearTimeout(this.patience);
      const socket = this.socket;
      this.patience = setTimeout(() => { if (this.socket === socket && socket) { socket.onclose = null; socket.close(); this.lost(0); } }, PATIENCE_MS);
    }, this.hb);
    this.on.connected();
  }
  ack() {
    clearTimeout(this.acking);
    this.acking = 0;
    this.acked = this.seq;
    this.say({ t: 'ack', seq: this.seq });
  }
  // Asks until it is answered, over reloads too when `isKept`; what the service could not do now is asked again.
  ask(name, data, { id = newId(), isKept = false } = {}) {
    return new Promise((done, failed) => {
      const each = { id, name, data, isKept, done, failed };
      this.waiting.set(id, each);
      this.keep();
      if (this.ready) this.command(each);
    });
  }
  answered(frame) {
    const each = this.waiting.get(frame.id);
    if (!each) return;
    if (!frame.ok && (frame.problem.status >= 500 || frame.problem.status === 429)) {
      each.tries = (each.tries || 0) + 1;
      setTimeout(() => this.ready && this.waiting.has(each.id) && this.command(each),
        1000 + Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** each.tries));
      return;
    }
    this.waiting.delete(frame.id);
    this.keep();
    const slug = frame.ok ? '' : frame.problem.type.split(':').pop();
    if (frame.ok) each.done ? each.done(frame.data || {}) : this.on.late(frame.data || {}, each);
    else if (each.failed) each.failed(slug);
    else this.on.refused(slug, each);
  }
  command({ id, name, data }) {
    this.say({ t: 'cmd', id, name, data });
  }
  drop() {
    this.waiting.clear();
    this.keep();
  }
  keep() {
    memory.set({ pending: [...this.waiting.values()].filter(each => each.isKept).map(({ id, name, data }) => ({ id, name, data, isKept: true })) });
  }
}
