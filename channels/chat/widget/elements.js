// Building elements without a line of HTML, as strict pages demand.
function h(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== 'list') made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter(each => each != null));
  return made;
}
const button = (text, onclick, className = '') => h('button', { type: 'button', className, onclick }, text);
let fields = 0;
function field(label, props, tag = 'input', ...children) {
  const id = `f${++fields}`;
  const input = h(tag, { id, ...props }, ...children);
  return { input, row: h('div', { className: 'field' }, h('label', { htmlFor: id }, label), input) };
}
function saveAs(blob, name) {
  const link = h('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
