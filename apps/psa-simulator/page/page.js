/* global document, fetch, EventSource, confirm */
// Everything shown comes in as text nodes: what an agent or a customer wrote is never markup here.
const byId = (id) => document.getElementById(id);
const SHOWN = 200;
const NAMES = { connectwise: 'ConnectWise', autotask: 'Autotask' };
const KINDS = {
  down: 'Cut before work',
  drop_reply: 'Do it, cut the reply',
  truncate: 'Half an answer',
  hang: 'Never answer',
  html_200: 'Login page, 200',
  no_id: 'Answer without id',
  empty_200: 'Nothing, 200',
  status: 'Error 503',
  rate_limit: '429, wait 30 s',
  rate_limit_page: '429, a page',
  redirect: 'Redirect elsewhere',
  gzip_bomb: 'Gzip bomb',
  huge_body: '2 GB of answer',
  many_headers: '10,000 headers',
  endless: 'Answer without end',
  search_lag: 'Search 10 s behind',
};
const MATCHES = ['', 'create', 'search', 'get', 'note', 'close', 'reopen', 'lookup'];
const view = { provider: '', isOpenOnly: false };
let isLoading = false;
let isStale = false;

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children.filter((child) => child !== null));
  return node;
}

async function call(method, path, body) {
  const init = { method };
  if (body !== undefined)
    Object.assign(init, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const response = await fetch(path, init);
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(answer?.message ?? `HTTP ${response.status}`);
  return answer;
}

const time = (iso) => element('time', { dateTime: iso, textContent: new Date(iso).toLocaleString() });

function ticketItem(ticket) {
  const state = element('span', { className: 'state', textContent: ticket.isClosed ? 'Closed' : 'Open' });
  const facts = [
    NAMES[ticket.provider],
    `#${ticket.number}`,
    ticket.companyName ?? `company ${ticket.companyId}`,
  ];
  const place = [ticket.status, ticket.board, ticket.priority].filter(Boolean).join(' · ');
  return element(
    'li',
    { className: ticket.isClosed ? 'ticket closed' : 'ticket', id: `${ticket.provider}-${ticket.id}` },
    element('p', {}, state, ` · ${facts.join(' · ')} · `, time(ticket.createdAt)),
    element(
      'h2',
      {},
      element('a', { href: `/psa/${ticket.provider}/tickets/${ticket.id}`, textContent: ticket.summary }),
    ),
    element('p', {}, place, ' · ', element('code', { textContent: ticket.marker ?? 'no marker' })),
    ticket.mergedInto ? element('p', { textContent: `Merged into ${ticket.mergedInto}` }) : null,
    ticket.description
      ? element(
          'details',
          {},
          element('summary', { textContent: 'Description' }),
          element('pre', { textContent: ticket.description }),
        )
      : null,
    element(
      'ul',
      { className: 'notes' },
      ...ticket.notes.map((note) => element('li', {}, time(note.createdAt), `\n${note.text}`)),
    ),
  );
}

async function load() {
  if (isLoading) {
    isStale = true;
    return;
  }
  isLoading = true;
  try {
    do {
      isStale = false;
      const provider = view.provider ? `&provider=${view.provider}` : '';
      const { items, total } = await call('GET', `/admin/tickets?order=newest&limit=${SHOWN}${provider}`);
      show(
        items.filter((ticket) => !view.isOpenOnly || !ticket.isClosed),
        total,
      );
    } while (isStale);
  } finally {
    isLoading = false;
  }
}

function show(tickets, total) {
  const opened = new Set(
    [...document.querySelectorAll('.ticket details[open]')].map((node) => node.closest('li').id),
  );
  byId('tickets').replaceChildren(...tickets.map(ticketItem));
  for (const id of opened) byId(id)?.querySelector('details')?.setAttribute('open', '');
  byId('count').value = total > SHOWN ? `newest ${SHOWN} of ${total}` : `${total} in all`;
  byId('empty').hidden = tickets.length > 0;
}

async function loadFaults() {
  const { items } = await call('GET', '/admin/faults');
  byId('fault-count').textContent = items.length === 0 ? '' : `(${items.length} on)`;
  byId('fault-list').replaceChildren(
    ...items.map((fault) => {
      const often = fault.times === null ? 'always' : `${fault.times} more`;
      const text = [
        fault.kind,
        NAMES[fault.provider] ?? 'both',
        fault.match ?? 'every operation',
        often,
      ].join(', ');
      return element('li', { textContent: text });
    }),
  );
}

async function act(work) {
  byId('message').textContent = '';
  try {
    await work();
    await loadFaults();
  } catch (error) {
    byId('message').textContent = error.message;
  }
}

function addFault(kind) {
  const times = byId('fault-times').value;
  const fault = {
    kind,
    provider: byId('fault-provider').value || null,
    match: byId('fault-match').value || null,
  };
  if (times !== '' && kind !== 'search_lag') fault.times = Number(times);
  if (kind === 'status') fault.status = 503;
  if (kind.startsWith('rate_limit')) fault.retryAfter = '30';
  if (kind === 'search_lag') fault.delayMs = 10_000;
  return act(() => call('POST', '/admin/faults', fault));
}

function prepare() {
  const option = (value, textContent) => element('option', { value, textContent });
  byId('fault-provider').append(
    option('', 'both'),
    ...Object.entries(NAMES).map(([value, name]) => option(value, name)),
  );
  byId('fault-match').append(...MATCHES.map((match) => option(match, match || 'every')));
  for (const [kind, textContent] of Object.entries(KINDS)) {
    byId('fault-kinds').append(
      element('button', { type: 'button', textContent, onclick: () => addFault(kind) }),
    );
  }
  for (const button of document.querySelectorAll('[data-provider]')) {
    button.addEventListener('click', () => {
      view.provider = button.dataset.provider;
      document
        .querySelectorAll('[data-provider]')
        .forEach((other) => other.setAttribute('aria-pressed', String(other === button)));
      void load();
    });
  }
  byId('open-only').addEventListener('change', (event) => {
    view.isOpenOnly = event.target.checked;
    void load();
  });
  byId('heal').addEventListener('click', () => act(() => call('DELETE', '/admin/faults')));
  byId('reset').addEventListener('click', () => {
    if (confirm('Delete all tickets, and put users and settings back as they were at first?'))
      void act(() => call('POST', '/admin/reset'));
  });
}

prepare();
const stream = new EventSource('/admin/stream');
stream.addEventListener('open', () => (byId('live').textContent = 'Live'));
stream.addEventListener('error', () => (byId('live').textContent = 'Not connected, trying again…'));
stream.addEventListener('changed', () => {
  load().catch(() => (byId('live').textContent = 'Not connected, trying again…'));
  loadFaults().catch(() => undefined);
});
