/** Vendor JSON. Unknown fields are ignored, nulls are left out of answers. */
export interface Reference {
  id: number;
  name?: string;
}

export interface TicketRecord {
  id: number;
  summary: string;
  board?: Reference;
  status?: Reference;
  externalXRef?: string;
  closedFlag?: boolean;
  parentTicketId?: number;
  mergedParentTicket?: Reference;
  _info?: { dateEntered?: string };
}

export interface NewTicketBody {
  summary: string;
  company: { id: number };
  initialDescription: string;
  externalXRef: string;
  severity: 'Low' | 'Medium' | 'High';
  board?: { id: number };
  status?: { id: number };
  priority?: { id: number };
}

export interface PatchOperation {
  op: 'replace';
  /** Without a leading slash, never into an object: that is a 200 which changes nothing. */
  path: string;
  value: unknown;
}

export interface StatusRecord {
  id: number;
  name: string;
  closedStatus?: boolean;
  defaultFlag?: boolean;
  inactive?: boolean;
  sortOrder?: number;
}

export interface NoteRecord {
  id: number;
  text?: string;
}

export interface SolutionRecord {
  name?: string;
  /** Of a Custom Solution. */
  managementSolutionName?: string;
}

export interface CompanyInfo {
  /** Such as `v2025_1/`. */
  Codebase?: string;
}

/** What boards, priorities, statuses and catalog items have in common. */
export interface NamedRecord {
  id: number;
  name?: string;
  defaultFlag?: boolean;
  inactiveFlag?: boolean;
  inactive?: boolean;
}

/** A member of licence class `A`: who has keys for the API, and cannot log in. */
export interface ApiMemberRecord {
  id: number;
  inactiveFlag?: boolean;
  /** Where tickets open that name no board. */
  serviceDefaultBoard?: Reference;
}

export interface CatalogRecord extends NamedRecord {
  identifier?: string;
  description?: string;
}

export interface CompanyRecord {
  id: number;
  name?: string;
  deletedFlag?: boolean;
  status?: Reference;
}

export interface AgreementRecord {
  id: number;
  name?: string;
  company?: Reference;
  agreementStatus?: string;
  cancelledFlag?: boolean;
}

/** How a vendor's device integration is set up (E17). */
export interface ManagedDevicesRecord {
  id: number;
  name?: string;
  solution?: string;
  loginBy?: string;
  defaultBillingLevel?: string;
  matchOnSerialNumberFlag?: boolean;
  disableNewCrossReferencesFlag?: boolean;
}

/** One entry of a company's Management tab; `groupIdentifier` is the managed id. */
export interface SummaryRecord {
  id: number;
  groupIdentifier?: string;
  deviceType?: string;
  agreement?: Reference | null;
  managementSolution?: { name?: string; setupName?: string } | null;
  successfulBackupJobs?: number | null;
  failedBackupJobs?: number | null;
}
