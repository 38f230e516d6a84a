import type { CustomerId, PartnerId } from '@backhaul/domain';
import { CustomerMapPayload } from '@backhaul/messaging';
import type { ProviderName } from '@backhaul/psa';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from '../number-column.js';

@Entity({ name: 'customer_map' })
export class CustomerMapEntity {
  @PrimaryColumn({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ type: 'text' }) provider: ProviderName;
  @PrimaryColumn({ name: 'cust_id', type: 'bigint', transformer: asNumber }) custId: CustomerId;
  @Column({ name: 'psa_company_id', type: 'text', nullable: true }) psaCompanyId: string | null;
  @Column({ name: 'contract_id', type: 'text', nullable: true }) contractId: string | null;
  @Column({ name: 'agreement_id', type: 'text', nullable: true }) agreementId: string | null;
  /** JSON list of what the PSA said of the company last: when it was mapped, or since. */
  @Column({ type: 'text' }) problems: string;
  @Column({ name: 'problems_at', type: 'timestamptz', precision: 3 }) problemsAt: Date;
  @Column({ type: 'integer' }) version: number;
}

export const customerMapPayload = ({
  partnerId,
  provider,
  custId,
  psaCompanyId,
}: CustomerMapEntity): CustomerMapPayload => ({
  partnerId,
  provider,
  custId,
  psaCompanyId,
});
