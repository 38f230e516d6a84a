import { Problem, type ProblemError } from '@backhaul/http';
import type { Scope } from '@backhaul/persistence';
import type { Choice, Contract, ProviderName } from '@backhaul/psa';
import type { LinkReader } from '../psa-checks/link-reader.js';
import type { PsaChecks } from '../psa-checks/psa-checks.js';

/** A mapping as it will be, and where in the body it stands. */
export interface Mapping {
  custId: number;
  /** Such as `/items/3`; empty for the whole body. */
  pointer: string;
  psaCompanyId: string | null;
  contractId: string | null;
  agreementId: string | null;
}

/** What the PSA could not be asked about. */
const UNCHECKED = ['unchecked'];

/** Asks the PSA whether it has the companies and contracts that a map names. */
export class CheckMap {
  constructor(
    private readonly links: LinkReader,
    private readonly checks: PsaChecks | null,
  ) {}

  /** What is not as it should be, by customer. @throws Problem 422 for what the PSA does not have (D13, D32, D33) */
  async problems(
    scope: Scope,
    provider: ProviderName,
    mappings: readonly Mapping[],
  ): Promise<Map<number, string[]>> {
    const mapped = mappings.filter(({ psaCompanyId }) => psaCompanyId !== null);
    const link = this.checks && mapped.length > 0 ? await this.links.read(scope, provider) : null;
    if (!this.checks || !link) return new Map();
    const answer = await this.checks.ask(provider, link, {
      companies: ids(mapped.map(({ psaCompanyId }) => psaCompanyId)),
      contracts: ids(mapped.flatMap(({ contractId, agreementId }) => [contractId, agreementId])),
    });
    if (!answer) return new Map(mapped.map(({ custId }) => [custId, UNCHECKED]));
    const [companies, contracts] = [byId(answer.companies), byId(answer.contracts)];
    const errors = mapped.flatMap((mapping) => errorsOf(mapping, companies, contracts));
    if (errors.length > 0) throw Problem.unprocessable('The PSA does not have what the map names.', errors);
    return new Map(mapped.map((mapping) => [mapping.custId, problemsOf(mapping, companies)]));
  }
}

const ids = (all: readonly (string | null)[]): string[] => [...new Set(all.flatMap((id) => id ?? []))];

const byId = <T extends Choice>(rows: readonly T[] = []): Map<string, T> =>
  new Map(rows.map((row) => [row.id, row]));

function errorsOf(
  { pointer, psaCompanyId, contractId, agreementId }: Mapping,
  companies: ReadonlyMap<string, Choice>,
  contracts: ReadonlyMap<string, Contract>,
): ProblemError[] {
  const error = (field: string, detail: string, rule: string): ProblemError[] => [
    { pointer: `${pointer}/${field}`, detail, rule },
  ];
  if (psaCompanyId !== null && !companies.has(psaCompanyId))
    return error('psaCompanyId', 'the PSA has no company with this id', 'unknown');
  return Object.entries({ contractId, agreementId }).flatMap(([field, id]) => {
    if (id === null) return [];
    const contract = contracts.get(id);
    if (!contract || contract.companyId !== psaCompanyId)
      return error(field, 'the company has no contract with this id', 'unknown');
    if (contract.problem === 'contract_type')
      return error(field, 'must be a Recurring Service contract', 'contract_type');
    return [];
  });
}

function problemsOf({ psaCompanyId }: Mapping, companies: ReadonlyMap<string, Choice>): string[] {
  const company = companies.get(psaCompanyId ?? '');
  return [
    ...(company?.isActive === false ? ['company_inactive'] : []),
    ...(company?.problem === undefined ? [] : [company.problem]),
  ];
}
