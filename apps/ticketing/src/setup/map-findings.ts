import type { Choice, Finding } from '@backhaul/psa';
import { companyProblems } from './company-problems.js';
import type { MappedCustomer } from './mapped-customers.repository.js';

/** This many are named; of the others the number is told. */
const NAMED = 20;

/** What is wrong with the customer map, as the PSA has the companies now. */
export function mapFindings(customers: readonly MappedCustomer[], companies: readonly Choice[]): Finding[] {
  const byId = new Map(companies.map((company) => [company.id, company]));
  const findings = customers.flatMap((customer) => findingOf(customer, byId));
  const left = findings.length - NAMED;
  if (left <= 0) return findings;
  const level = findings.slice(NAMED).some((finding) => finding.level === 'error') ? 'error' : 'warning';
  return [
    ...findings.slice(0, NAMED),
    { level, reason: 'more', message: `${left} more customers need a look in the Customer Map.` },
  ];
}

function findingOf(
  { custId, name, psaCompanyId }: MappedCustomer,
  companies: ReadonlyMap<string, Choice>,
): Finding[] {
  const who = `${name} (${custId})`;
  if (psaCompanyId === null)
    return [{ level: 'warning', reason: 'not_mapped', message: `${who} is not mapped: it gets no tickets.` }];
  const [problem] = companyProblems(companies.get(psaCompanyId));
  if (problem === undefined) return [];
  switch (problem) {
    case 'company_gone':
      return [{ level: 'error', reason: problem, message: `${who}: the PSA has no company ${psaCompanyId} any more. Map it anew.` }]; // prettier-ignore
    case 'company_inactive':
      return [{ level: 'error', reason: problem, message: `${who}: the company ${psaCompanyId} is inactive in the PSA.` }]; // prettier-ignore
    case 'company_type':
      return [{ level: 'warning', reason: problem, message: `${who}: the company ${psaCompanyId} is not of type Customer.` }]; // prettier-ignore
  }
}
