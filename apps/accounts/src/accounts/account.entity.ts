import type { AccountNo, BrandId, CustomerId, PartnerId } from '@backhaul/domain';
import type { Role } from '@backhaul/http';
import { AccountPayload } from '@backhaul/messaging';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { asNumber } from '../number-column.js';

@Entity({ name: 'account' })
export class AccountEntity {
  @Column({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @PrimaryColumn({ name: 'account_no', type: 'bigint', transformer: asNumber }) accountNo: AccountNo;
  @Column({ name: 'cust_id', type: 'bigint', transformer: asNumber }) custId: CustomerId;
  @Column({ type: 'text' }) username: string;
  @Column({ name: 'host_name', type: 'text', nullable: true }) hostName: string | null;
  @Column({ name: 'parent_account_no', type: 'bigint', nullable: true, transformer: asNumber })
  parentAccountNo: AccountNo | null;
  @Column({ type: 'text' }) role: Role;
  /** The brand below which the role holds; stays when the customer moves (A24). */
  @Column({ name: 'scope_brand_id', type: 'uuid' }) scopeBrandId: BrandId;
  @Column({ type: 'text', nullable: true }) contact: string | null;
  /** Argon2id, as `passwords.ts` writes it. */
  @Column({ name: 'password_hash', type: 'text', nullable: true }) passwordHash: string | null;
  /** The same for two accounts of a partner only when their passwords are (A8). */
  @Column({ name: 'password_fingerprint', type: 'text', nullable: true }) passwordFingerprint: string | null;
  @Column({ type: 'integer' }) version: number;
  @Column({ name: 'created_at', type: 'timestamp with time zone' }) createdAt: Date;
}

export const accountPayload = (row: AccountEntity, brandId: BrandId): AccountPayload => ({
  partnerId: row.partnerId,
  accountNo: row.accountNo,
  custId: row.custId,
  brandId,
  username: row.username,
  hostName: row.hostName,
  role: row.role,
  contact: row.contact,
});
