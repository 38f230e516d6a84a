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
