/** Where sources disagree about a vendor, both ways can be tried. */
export interface Switches {
  /** The versioned codebase of cloud hosts; hosted upgrades change it. */
  connectwiseCodebase: string;
  /** What a call without `clientId` gets. */
  connectwiseClientIdStatus: 400 | 401;
  /** Wrong Autotask keys: 401 without a body, or 500 with a text. */
  autotaskBadKeysStatus: 401 | 500;
  /** The part of the Autotask path that names the zone; a move makes the old one answer 401. */
  autotaskZone: string;
  /** A field that the tenant made required of new tickets; empty for none. */
  requiredTicketField: string;
  /** Without the managed devices add-on its tables are not there (E10). */
  connectwiseAddOn: boolean;
  /** False: the Autotask API user may read alone. */
  autotaskCanWrite: boolean;
}

export const DEFAULT_SWITCHES: Switches = {
  connectwiseCodebase: 'v2025_1',
  connectwiseClientIdStatus: 400,
  autotaskBadKeysStatus: 401,
  autotaskZone: '',
  requiredTicketField: '',
  connectwiseAddOn: true,
  autotaskCanWrite: true,
};
