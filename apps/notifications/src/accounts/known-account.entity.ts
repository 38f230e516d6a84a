import type { AccountNo, BrandId, CustomerId, PartnerId } from '@backhaul/domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Our copy of an account. */
@Entity({ name: 'known_account' })
export class KnownAccountEntity {
  @Column({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({
    name: 'account_no',
    type: 'bigint',
    transformer: { to: (value: unknown) => value, from: (value: unknown) => Number(value) },
  })
  accountNo: AccountNo;
  @Column({ name: 'brand_id', type: 'uuid', nullable: true }) brandId: BrandId | null;
  @Column({ type: 'text' }) username: string;
  @Column({ type: 'text', nullable: true }) role: string | null;
  @Column({ type: 'text', nullable: true }) contact: string | null;
  /** Null, as the host, until accounts tells of it the next time. */
  @Column({ name: 'cust_id', type: 'integer', nullable: true }) custId: CustomerId | null;
  @Column({ name: 'host_name', type: 'text', nullable: true }) hostName: string | null;
}
