// Forms: before the chat, outside hours, and the small ones on the way out. A field's label is always there to be seen.
function problemLine() {
  return h('p', { className: 'problem', role: 'alert' });
}
function startForm(t, language, isOpen, texts, submit) {
  const topics = Object.entries(CITY.topics);
  const choice = field(t.topic, { name: 'topic' }, 'select', h('option', { value: '' }, t.other),
    ...topics.map(([code, names]) => h('option', { value: code }, names[language] || names.sv || code)));
  const name = field(t.name, { autocomplete: 'name', maxLength: 100 });
  const email = field(isOpen ? t.email : t.emailTo, { type: 'email', autocomplete: 'email', maxLength: 254 });
  const phone = field(t.phone, { type: 'tel', autocomplete: 'tel', maxLength: 30 });
  const text = field(t.text, { rows: 4, maxLength: CITY.most, value: memory.get('draft') || '', oninput: () => memory.set({ draft: text.input.value }) }, 'textarea');
  const wrong = problemLine();
  const form = h('form', { noValidate: true, onsubmit(event) {
    event.preventDefault();
    const problem = !text.input.value.trim() ? [t.need, text] : !isOpen && !email.input.value && !phone.input.value ? [t.way, email] :
      !email.input.checkValidity() ? [t['schema-mismatch'], email] : null;
    wrong.textContent = problem ? problem[0] : '';
    if (problem) return problem[1].input.focus();
    const data = { text: text.input.value, language, topic: choice.input.value, name: name.input.value.trim(), email: email.input.value.trim() };
    if (!isOpen) data.phone = phone.input.value.trim();
    // A disabled button would lose the focus.
    if (form.isBusy) return;
    form.isBusy = true;
    submit(data).catch(slug => { form.isBusy = false; wrong.textContent = t[slug] || t.wrong; });
  } },
  h('p', {}, isOpen ? texts.greeting || t.greeting : texts.closed || t.closed),
  topics.length ? choice.row : null, text.row, name.row, email.row, isOpen ? null : phone.row,
  texts.privacy ? h('p', { className: 'small' }, texts.privacy) : null,
  texts.privacy_url ? h('p', { className: 'small' }, h('a', { href: texts.privacy_url, target: '_blank', rel: 'noopener' }, t.privacy)) : null,
  wrong, h('button', { type: 'submit', className: 'main' }, isOpen ? t.start : t.leave));
  form.first = topics.length ? choice.input : text.input;
  return form;
}
// One field and what is done with it.
function smallForm(t, label, props, submit, cancel) {
  const one = field(label, { required: true, ...props });
  const wrong = problemLine();
  const form = h('form', { className: 'small-form', noValidate: true, onsubmit(event) {
    event.preventDefault();
    if (!one.input.checkValidity()) {
      wrong.textContent = t['schema-mismatch'];
      return one.input.focus();
    }
    submit(one.input.value.trim()).catch(slug => { wrong.textContent = t[slug] || t.wrong; });
  } }, one.row, wrong, h('div', { className: 'row' }, h('button', { type: 'submit', className: 'main' }, t.send), button(t.cancel, cancel)));
  form.first = one.input;
  return form;
}
