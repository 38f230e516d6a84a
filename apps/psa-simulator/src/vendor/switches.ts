/** Where sources disagree about a vendor, both ways can be tried. */
export interface Switches {
  /** The versioned codebase of cloud hosts; hosted upgrades change it. */
  connectwiseCodebase: string;
  /** What a call without `clientId` gets. */
  connectwiseClientIdStatus: 400 | 401;
  /** What wrong keys get on a cloud host, which may hide them behind a 404. */
  connectwiseCloudBadKeysStatus: 401 | 404;
  /** What `companyinfo` says of a company that is not there: 200 with null, or 404. */
  connectwiseUnknownCompanyStatus: 200 | 404;
  /** How the 401 for wrong keys is worded. */
  connectwiseUnauthorizedCode: 'Unauthorized' | 'ConnectWiseApi';
  /** Odd paths of a PATCH: refused, or taken as far as it goes. */
  connectwisePatchPaths: 'strict' | 'lenient';
  /** A move to a board without one of its statuses. */
  connectwiseBoardMove: 'default' | 'refuse';
  /** Requests a minute that ConnectWise carries out; 0 for no limit. */
  connectwiseRequestsPerMinute: number;
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
  /** Requests an hour of the whole database; it grows slow at half of them and stops at all. 0 for no limit. */
  autotaskRequestsPerHour: number;
  /** Errors as objects with a message, as some come. */
  autotaskErrorObjects: boolean;
  /** What a fourth request at once gets. */
  autotaskThreadLimitStatus: 429 | 500;
  /** False: a ticket may come without a due date, as in some databases. */
  autotaskNeedsDueDate: boolean;
  /** The secrets that count now, where their administrators rotated them; empty for those of before. */
  connectwisePrivateKey: string;
  autotaskSecret: string;
}

export const DEFAULT_SWITCHES: Switches = {
  connectwiseCodebase: 'v2025_1',
  connectwiseClientIdStatus: 400,
  connectwiseCloudBadKeysStatus: 401,
  connectwiseUnknownCompanyStatus: 200,
  connectwiseUnauthorizedCode: 'Unauthorized',
  connectwisePatchPaths: 'strict',
  connectwiseBoardMove: 'default',
  connectwiseRequestsPerMinute: 0,
  autotaskBadKeysStatus: 401,
  autotaskZone: '',
  requiredTicketField: '',
  connectwiseAddOn: true,
  autotaskCanWrite: true,
  autotaskRequestsPerHour: 0,
  autotaskErrorObjects: false,
  autotaskThreadLimitStatus: 429,
  autotaskNeedsDueDate: true,
  connectwisePrivateKey: '',
  autotaskSecret: '',
};
