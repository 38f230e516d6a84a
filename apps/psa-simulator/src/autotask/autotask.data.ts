export const USERNAME = 'api@demo.example';
export const SECRET = 'demoSecret';
export const TRACKING_IDENTIFIER = 'DEMOTRACKINGIDENTIFIER00001';

const company = (id: number, companyName: string, companyType = 1, isActive = true) => ({
  id,
  companyName,
  companyType,
  isActive,
});
/** So many that one page does not hold them. */
const MANY = Array.from({ length: 620 }, (_, index) => 2001 + index);

export const COMPANIES = [
  company(0, 'Demo MSP'),
  company(175, 'ACME Corp'),
  company(176, 'Globex'),
  company(177, 'Initech', 1, false),
  company(178, 'Umbrella', 2),
  ...MANY.map((id) => company(id, `Customer ${id}`)),
];

const contact = (id: number, companyID: number, firstName: string, isActive = true) => ({
  id,
  companyID,
  firstName,
  lastName: 'Example',
  isActive,
});
export const CONTACTS = [
  contact(301, 175, 'Alice'),
  contact(302, 175, 'Bob', false),
  contact(303, 176, 'Carol'),
];

/** Locations by company. */
export const LOCATIONS = [
  { id: 285, companyID: 175 },
  { id: 286, companyID: 176 },
];

const contract = (id: number, companyID: number, contractName: string, contractType = 7, status = 1) => ({
  id,
  companyID,
  contractName,
  contractType,
  status,
  startDate: '2025-01-01T00:00:00Z',
  endDate: '2027-12-31T00:00:00Z',
});

export const CONTRACTS = [
  contract(901, 175, 'Onsite Maintenance', 1),
  contract(902, 175, 'Select Storage Contract'),
  contract(903, 176, 'Backup'),
  // As Autotask's own tool clones it: all the same but the id.
  contract(904, 176, 'Backup'),
  ...MANY.map((id) => contract(id + 10_000, id, `Backup of Customer ${id}`)),
];

const service = (id: number, name: string, isActive = true) => ({
  id,
  name,
  periodType: 2,
  unitPrice: 1,
  isActive,
});

export const SERVICES = [
  service(41, 'Online Backup, per GB'),
  service(42, 'Online Backup, per server'),
  service(43, 'Mail archive, per mailbox'),
  service(44, 'Tape rotation', false),
];
