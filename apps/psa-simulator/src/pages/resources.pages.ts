import {
  API_LEVEL,
  DATE_FORMATS,
  EMAIL_TYPES,
  isApiUser,
  LOCATIONS,
  nameOf,
  NUMBER_FORMATS,
  SECURITY_LEVELS,
  TIME_FORMATS,
  VENDORS,
  type Resource,
} from '../users/resource.js';
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
import { facts, page, table, yesNo, type Page } from './layout.js';

export const RESOURCES_AT = '/psa/autotask/resources';
const TRACKING_CHOICES = [
  ['custom', 'Custom (Internal Integration)'],
  ['vendor', 'Integration Vendor'],
] as const;
const same = (choices: readonly string[]) => choices.map((choice) => [choice, choice] as const);

export function resourcesPage(resources: Resource[]): Page {
  const rows = resources.map((resource) => [
    html`<a href="${RESOURCES_AT}/${resource.id}">${nameOf(resource)}</a>`,
    resource.emailAddress,
    resource.securityLevel,
    stateOf(resource),
  ]);
  const body = html`<p><a class="button" href="${RESOURCES_AT}/new">New API User</a></p>
    ${table('Resources', ['Resource', 'Email Address', 'Security Level', 'State'], rows, 'No resource.')}`;
  return page(RESOURCES_AT, 'Resources (Users)', body);
}

export function newResourcePage(typed: Typed = NOTHING_TYPED): Page {
  const body = html`${faultSummary(typed)}
    <form class="fields" method="post" action="${RESOURCES_AT}">
      <fieldset>
        <legend>General</legend>
        ${textField(typed, { name: 'firstName', label: 'First Name' })}
        ${textField(typed, { name: 'lastName', label: 'Last Name' })}
        ${textField(typed, { name: 'emailAddress', label: 'Email Address', type: 'email' })}
        ${choiceField(typed, { name: 'emailType', label: 'Email Type' }, same(EMAIL_TYPES))}
        ${choiceField(typed, { name: 'securityLevel', label: 'Security Level' }, same([API_LEVEL]))}
        ${choiceField(typed, { name: 'dateFormat', label: 'Date Format' }, same(DATE_FORMATS))}
        ${choiceField(typed, { name: 'timeFormat', label: 'Time Format' }, same(TIME_FORMATS))}
        ${choiceField(typed, { name: 'numberFormat', label: 'Number Format' }, same(NUMBER_FORMATS))}
        ${choiceField(typed, { name: 'primaryInternalLocation', label: 'Primary Internal Location' }, same(LOCATIONS))}
      </fieldset>
      <fieldset>
        <legend>API Tracking Identifier</legend>
        ${choiceField(typed, { name: 'trackingKind', label: 'Kind', hint: 'Custom unless something else is chosen' }, TRACKING_CHOICES)}
        ${textField(typed, { name: 'integrationName', label: 'Internal Integration Name', hint: 'Of a custom one, free to choose' })}
        ${choiceField(typed, { name: 'vendor', label: 'Integration Vendor', hint: 'Of a vendor' }, same(VENDORS.map(({ name }) => name)))}
      </fieldset>
      <p>Username (Key) and Password (Secret) are generated on saving; the secret is shown once.</p>
      <button>Generate and save</button>
    </form>`;
  return page(RESOURCES_AT, 'New API User', body, typed.error?.status ?? 200);
}

/** @param secret as just generated, or null */
export function resourcePage(resource: Resource, secret: string | null = null): Page {
  const { tracking, username } = resource;
  const body = html`${secret !== null && shownOnce([['Username (Key)', username ?? ''], ['Tracking Identifier', tracking?.identifier ?? ''], ['Password (Secret)', secret]])}
    ${facts([
      ['Email Address', `${resource.emailAddress} (${resource.emailType})`],
      ['Security Level', resource.securityLevel],
      ['State', stateOf(resource)],
      ['Date, Time, Number Format', [resource.dateFormat, resource.timeFormat, resource.numberFormat].join(' | ')],
      ['Primary Internal Location', resource.primaryInternalLocation],
      ['Username (Key)', username !== null && html`<code>${username}</code>`],
      ['Tracking Identifier', tracking !== null && html`<code>${tracking.identifier}</code> (${tracking.kind === 'custom' ? 'Custom (Internal Integration)' : 'Integration Vendor'}: ${tracking.integrationName})`],
      ['May log in here', yesNo(!isApiUser(resource))],
    ])}
    ${actions(resource)}`;
  return page(RESOURCES_AT, nameOf(resource), body, secret === null ? 200 : 201);
} // prettier-ignore

function actions(resource: Resource): Markup {
  const at = `${RESOURCES_AT}/${resource.id}`;
  return html`<div class="bar">
      ${buttonForm(at, resource.isActive ? 'Make inactive' : 'Make active', { isActive: String(!resource.isActive) })}
      ${buttonForm(at, resource.isLocked ? 'Unlock' : 'Lock', { isLocked: String(!resource.isLocked) })}
      ${isApiUser(resource) && buttonForm(`${at}/secret`, 'Generate Secret')}
    </div>
    <form class="bar" method="post" action="${at}">
      ${choiceField(NOTHING_TYPED, { name: 'securityLevel', label: 'Security Level' }, same(SECURITY_LEVELS), resource.securityLevel)}
      <button>Change level</button>
    </form>`;
}

function stateOf({ isActive, isLocked }: Resource): string {
  return !isActive ? 'Inactive' : isLocked ? 'Locked' : 'Active';
}
