/** Vendor JSON. Unknown fields are ignored. */
export interface TicketRecord {
  id: number;
  ticketNumber?: string;
  status?: number;
  queueID?: number | null;
  externalID?: string | null;
  createDate?: string | null;
  problemTicketId?: number | null;
}

export interface NewTicketBody {
  companyID: number;
  title: string;
  description: string;
  status: number;
  priority: number;
  queueID: number;
  /** UTC, whole seconds. */
  dueDateTime: string;
  externalID: string;
}

export interface NoteBody {
  ticketID: number;
  title: string;
  description: string;
  noteType: number;
  publish: number;
}

export interface NoteRecord {
  description?: string;
}

export interface PicklistValue {
  /** A string, although the field is an integer. */
  value: string;
  label: string;
  isActive?: boolean;
  isDefaultValue?: boolean;
}

export interface FieldRecord {
  name: string;
  length?: number;
  picklistValues?: PicklistValue[] | null;
}

export interface ZoneRecord {
  url?: string;
  webUrl?: string;
}

export interface FilterItem {
  op: 'eq' | 'exist' | 'in';
  field: string;
  value?: string | number | number[];
}

export interface QueryAnswer {
  items?: unknown;
  pageDetails?: { nextPageUrl?: string | null };
}

export interface CompanyRecord {
  id: number;
  companyName?: string;
  companyType?: number;
  isActive?: boolean;
}

export interface ContractRecord {
  id: number;
  contractName?: string;
  companyID?: number;
  contractType?: number;
  status?: number;
}

export interface ServiceRecord {
  id: number;
  name?: string;
  isActive?: boolean;
}
