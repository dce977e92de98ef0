// What outlives a reload: this tab's token, what was not sent yet, the draft. Private modes may refuse; then nothing does.
const KEY = 'servicecenter-chat';
const memory = (() => {
  let held = {};
  try { held = JSON.parse(sessionStorage.getItem(KEY)) || {}; } catch { held = {}; }
  return {
    get: name => held[name],
    set(changes) {
      Object.assign(held, changes);
      try { sessionStorage.setItem(KEY, JSON.stringify(held)); } catch { return; }
    },
    clear() {
      held = {};
      try { sessionStorage.removeItem(KEY); } catch { return; }
    },
  };
})();
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), each => each.toString(36)).join('');
