import type { Choice } from '@backhaul/psa';

export type CompanyProblem = 'company_gone' | 'company_inactive' | 'company_type';

/** What is wrong with the company of a customer as the PSA has it now, the worst first; undefined: it has it no more. Pure. */
export function companyProblems(company: Choice | undefined): CompanyProblem[] {
  if (!company) return ['company_gone'];
  return [
    ...(company.isActive ? [] : ['company_inactive' as const]),
    ...(company.problem === 'company_type' ? ['company_type' as const] : []),
  ];
}
