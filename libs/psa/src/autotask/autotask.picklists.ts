import { PsaError } from '../psa-error.js';
import type { AutotaskClient } from './autotask.client.js';
import type { FieldRecord, PicklistValue } from './autotask.types.js';

/** What the entities' fields allow, read once and again after a refusal: tenants change their lists. */
export class AutotaskPicklists {
  private readonly fields = new Map<string, FieldRecord[]>();

  constructor(private readonly client: AutotaskClient) {}

  isKnown(entity: string): boolean {
    return this.fields.has(entity);
  }

  forget(): void {
    this.fields.clear();
  }

  /** The values that may be chosen now. */
  async choices(entity: string, field: string, signal: AbortSignal): Promise<PicklistValue[]> {
    return (await this.values(entity, field, signal)).filter((choice) => choice.isActive !== false);
  }

  /** Those that may no longer be chosen too. */
  async values(entity: string, field: string, signal: AbortSignal): Promise<PicklistValue[]> {
    const found = (await this.of(entity, signal)).find(
      ({ name }) => name.toLowerCase() === field.toLowerCase(),
    );
    return found?.picklistValues ?? [];
  }

  /** The id behind a label. @throws PsaError `setting_missing` where the tenant has no such label */
  async idOf(entity: string, field: string, label: string, signal: AbortSignal): Promise<number> {
    const choices = await this.choices(entity, field, signal);
    const found = choices.find((choice) => choice.label.trim().toLowerCase() === label.toLowerCase());
    if (found === undefined) {
      throw new PsaError({
        outcome: 'definitive',
        reason: 'setting_missing',
        vendorMessages: [`${entity}.${field} has no "${label}"`],
      });
    }
    return Number(found.value);
  }

  /** Longest text of a field, in code units. */
  async lengthOf(entity: string, field: string, otherwise: number, signal: AbortSignal): Promise<number> {
    const found = (await this.of(entity, signal)).find(
      ({ name }) => name.toLowerCase() === field.toLowerCase(),
    );
    return found?.length !== undefined && found.length > 0 ? found.length : otherwise;
  }

  private async of(entity: string, signal: AbortSignal): Promise<FieldRecord[]> {
    const known = this.fields.get(entity);
    if (known !== undefined) return known;
    const answer = await this.client.get(`/${entity}/entityInformation/fields`, signal);
    const fields = (answer as { fields?: unknown } | null)?.fields;
    if (!Array.isArray(fields)) throw new PsaError({ outcome: 'unknown', reason: 'unreadable_answer' });
    this.fields.set(entity, fields as FieldRecord[]);
    return fields as FieldRecord[];
  }
}
