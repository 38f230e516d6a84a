import { type BrandId, type PartnerId, systemClock, uuidv7, wholePartner } from '@backhaul/domain';
import { accountsBrands, accountsPartners } from '@backhaul/messaging';
import type { UnitOfWork } from '@backhaul/persistence';
import { announce } from '../announce.js';
import { API_SCOPES } from '../api-keys/api-keys.types.js';
import { endOf } from '../api-keys/key-terms.js';
import type { ChangeApiKeysHandler } from '../api-keys/change-api-keys.handler.js';
import { BrandEntity, brandPayload } from '../brands/brand.entity.js';
import { PartnerEntity, partnerPayload } from './partner.entity.js';

/** A new partner with its root brand and one key that may do everything. */
export class CreatePartnerHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: ChangeApiKeysHandler,
  ) {}

  /** The key is answered once. */
  create(name: string): Promise<{ partnerId: PartnerId; brandId: BrandId; apiKey: string }> {
    const now = systemClock.now();
    const partner: PartnerEntity = {
      partnerId: uuidv7(now.getTime()) as PartnerId,
      name,
      isSuspended: false,
      suspendedAt: null,
      suspensionReason: null,
      allowsImpersonation: true,
    };
    const brandId = uuidv7(now.getTime()) as BrandId;
    const { partnerId } = partner;
    const root = {
      parentId: null,
      path: [brandId],
      requireSecondFactor: false,
      support: null,
      version: 1,
      createdAt: now,
    };
    const brand: BrandEntity = { partnerId, brandId, name, ...root };
    return this.unitOfWork.run(async (tx) => {
      await tx.manager.getRepository(PartnerEntity).insert(partner);
      await tx.manager.getRepository(BrandEntity).insert(brand);
      await announce(tx, partnerId, accountsPartners, partnerPayload(partner));
      await announce(tx, partnerId, accountsBrands, brandPayload(brand));
      const { key } = await this.keys.add(tx, wholePartner(partnerId), {
        name: 'First key',
        scopes: [...API_SCOPES],
        role: 'partner-senior-manager',
        expiresAt: endOf(null, now),
        brandId: null,
        allowedCidrs: [],
      });
      return { partnerId, brandId, apiKey: key };
    });
  }
}
