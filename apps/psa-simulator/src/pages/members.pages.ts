import { licencesUsed } from '../admin/users.routes.js';
import { BOARDS } from '../connectwise/connectwise.data.js';
import { ROLES, type Member } from '../users/member.js';
import {
  buttonForm,
  choiceField,
  faultSummary,
  NOTHING_TYPED,
  shownOnce,
  textField,
  type Typed,
} from './forms.js';
import { html, type Markup } from './html.js';
import { facts, page, table, time, type Page } from './layout.js';

export const MEMBERS_AT = '/psa/connectwise/members';
const ROLE_CHOICES = ROLES.map(({ id, name }) => [String(id), name] as const);

export function membersPage(members: Member[], typed: Typed = NOTHING_TYPED): Page {
  const rows = members.map((member) => [
    html`<a href="${MEMBERS_AT}/${member.id}">${member.identifier}</a>`,
    member.name,
    member.isApi ? 'API member' : 'Member',
    roleOf(member),
    member.isInactive ? 'Inactive' : 'Active',
    member.isApi ? member.keys.length : null,
  ]);
  const body = html`<p>
      ${licencesUsed(members)} licences used. API members use none, and cannot log in here.
    </p>
    ${table('Members', ['Member ID', 'Name', 'Kind', 'Role', 'State', 'Keys'], rows, 'No member.')}
    <section class="card" aria-labelledby="new">
      <h2 id="new">New API member</h2>
      ${faultSummary(typed)}
      <form class="fields" method="post" action="${MEMBERS_AT}">
        ${textField(typed, { name: 'identifier', label: 'Member ID', hint: 'At most 15 characters' })}
        ${textField(typed, { name: 'name', label: 'Member Name' })}
        ${choiceField(typed, { name: 'roleId', label: 'Role ID', hint: 'Admin is advised' }, ROLE_CHOICES)}
        ${choiceField(typed, { name: 'defaultBoardId', label: 'Default Board' }, boardChoices())}
        <button>Save</button>
      </form>
    </section>`;
  return page(MEMBERS_AT, 'Members', body, typed.error?.status ?? 200);
}

export interface NewKey {
  publicKey: string;
  privateKey: string;
}

export function memberPage(member: Member, typed: Typed = NOTHING_TYPED, made: NewKey | null = null): Page {
  const at = `${MEMBERS_AT}/${member.id}`;
  const body = html`${made !== null && shownOnce([['Public Key', made.publicKey], ['Private Key', made.privateKey]])}
    ${facts([
      ['Member ID', member.identifier],
      ['Kind', member.isApi ? 'API member: no licence, no login to these pages' : 'Member'],
      ['State', member.isInactive ? 'Inactive' : 'Active'],
      ['Role', roleOf(member)],
      ['Default Board', BOARDS.find(({ id }) => id === member.defaultBoardId)?.name ?? member.defaultBoardId],
    ])}
    <div class="bar">${buttonForm(at, member.isInactive ? 'Make active' : 'Make inactive', { isInactive: String(!member.isInactive) })}
      <form class="bar" method="post" action="${at}">
        ${choiceField(NOTHING_TYPED, { name: 'roleId', label: 'Role ID' }, ROLE_CHOICES, String(member.roleId))}
        <button>Change role</button>
      </form></div>
    ${member.isApi && keySection(member, at, typed)}`;
  const status = typed.error?.status ?? (made === null ? 200 : 201);
  return page(MEMBERS_AT, member.name, body, status);
} // prettier-ignore

function keySection(member: Member, at: string, typed: Typed): Markup {
  const rows = member.keys.map(({ id, description, publicKey, createdAt }) => [
    description,
    html`<code>${publicKey}</code>`,
    time(createdAt),
    buttonForm(`${at}/keys/${id}/delete`, 'Remove'),
  ]);
  return html`<section class="card" aria-labelledby="keys">
    <h2 id="keys">API Keys</h2>
    ${table('API keys', ['Description', 'Public Key', 'Created', ''], rows, 'No key: this member cannot call the API yet.')}
    <h3>New key</h3>
    ${faultSummary(typed)}
    <form class="fields" method="post" action="${at}/keys">
      ${textField(typed, { name: 'description', label: 'Description', hint: 'The private key is shown once, right after saving. A lost one is replaced by a new key.' })}
      <button>Save</button>
    </form>
  </section>`;
}

function roleOf({ roleId }: Member): string {
  return ROLES.find(({ id }) => id === roleId)?.name ?? String(roleId);
}

function boardChoices() {
  return BOARDS.map(({ id, name }) => [String(id), name] as const);
}
