import { CAPITALS_AND_DIGITS, hashOf, randomText } from './credentials.js';
import { type Input, InputReader } from './bad-input.js';

export const EMAIL_TYPES = ['Primary'] as const;
export const API_LEVEL = 'API User (System)';
export const SECURITY_LEVELS = [API_LEVEL, 'System Administrator', 'Service Desk User'] as const;
export const DATE_FORMATS = ['MM/dd/yyyy', 'dd/MM/yyyy', 'yyyy-MM-dd'] as const;
export const TIME_FORMATS = ['hh:mm a', 'HH:mm'] as const;
export const NUMBER_FORMATS = ['X,XXX.XX', 'X.XXX,XX', 'X XXX,XX'] as const;
export const LOCATIONS = ['Headquarters', 'Branch Office'] as const;
export const TRACKING = ['custom', 'vendor'] as const;
/** What integration vendors registered. */
export const VENDORS = [{ name: 'Backhaul', identifier: 'BACKHAULVENDORIDENTIFIER001' }] as const;
const TRACKING_LENGTH = 27;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export interface General {
  firstName: string;
  lastName: string;
  emailAddress: string;
  emailType: (typeof EMAIL_TYPES)[number];
  securityLevel: (typeof SECURITY_LEVELS)[number];
  dateFormat: (typeof DATE_FORMATS)[number];
  timeFormat: (typeof TIME_FORMATS)[number];
  numberFormat: (typeof NUMBER_FORMATS)[number];
  primaryInternalLocation: (typeof LOCATIONS)[number];
}

/** A resource of the Autotask database: a person, or an API user. */
export interface Resource extends General {
  id: number;
  isActive: boolean;
  isLocked: boolean;
  /** The key; null of people, who have none. */
  username: string | null;
  secretHash: string | null;
  tracking: { kind: (typeof TRACKING)[number]; integrationName: string; identifier: string } | null;
}

/** What New API User asks for, nothing of it optional. @throws BadInput that names every wrong field */
export function readResource(input: Input): General & Pick<Resource, 'tracking'> {
  const reader = new InputReader(input);
  const general: General = {
    firstName: reader.text('firstName', 50),
    lastName: reader.text('lastName', 50),
    emailAddress: reader.text('emailAddress', 254),
    emailType: reader.choice('emailType', EMAIL_TYPES),
    securityLevel: reader.choice('securityLevel', [API_LEVEL]),
    dateFormat: reader.choice('dateFormat', DATE_FORMATS),
    timeFormat: reader.choice('timeFormat', TIME_FORMATS),
    numberFormat: reader.choice('numberFormat', NUMBER_FORMATS),
    primaryInternalLocation: reader.choice('primaryInternalLocation', LOCATIONS),
  };
  if (!EMAIL.test(general.emailAddress)) reader.fault('emailAddress', 'must be an e-mail address');
  const tracking = readTracking(reader);
  reader.done();
  return { ...general, tracking };
}

/** An internal integration has a free name and an identifier of its own; a vendor's is the vendor's. */
function readTracking(reader: InputReader): Resource['tracking'] {
  const kind = reader.choice('trackingKind', TRACKING, 'custom');
  if (kind === 'custom') {
    const integrationName = reader.text('integrationName', 100);
    return { kind, integrationName, identifier: randomText(TRACKING_LENGTH, CAPITALS_AND_DIGITS) };
  }
  const names = VENDORS.map(({ name }) => name);
  const name = reader.choice('vendor', names);
  const identifier = VENDORS.find((vendor) => vendor.name === name)?.identifier ?? '';
  return { kind, integrationName: name, identifier };
}

/** The fields that a page may change later. @throws BadInput */
export function changedResource(resource: Resource, input: Input): Resource {
  const reader = new InputReader(input);
  const changed: Resource = {
    ...resource,
    ...(reader.has('securityLevel')
      ? { securityLevel: reader.choice('securityLevel', SECURITY_LEVELS) }
      : {}),
    ...(reader.has('isActive') ? { isActive: reader.flag('isActive') } : {}),
    ...(reader.has('isLocked') ? { isLocked: reader.flag('isLocked') } : {}),
  };
  reader.done();
  return changed;
}

export function isApiUser(resource: Resource): boolean {
  return resource.username !== null;
}

export function nameOf({ firstName, lastName }: General): string {
  return `${firstName} ${lastName}`;
}

/** Whether these three headers open the API for this resource. */
export function opensApi(resource: Resource | undefined, secret: string, identifier: string): boolean {
  return (
    resource !== undefined &&
    resource.isActive &&
    !resource.isLocked &&
    resource.securityLevel === API_LEVEL &&
    resource.secretHash === hashOf(secret) &&
    resource.tracking?.identifier === identifier
  );
}
