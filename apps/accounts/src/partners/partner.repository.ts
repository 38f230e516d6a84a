import { type DataSource, MoreThan } from 'typeorm';
import { PartnerEntity } from './partner.entity.js';

/** Partners as operators see them. */
export class PartnerRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Oldest first. */
  pageAcrossTenants(after: string | null, limit: number): Promise<PartnerEntity[]> {
    return this.dataSource.getRepository(PartnerEntity).find({
      ...(after !== null && { where: { partnerId: MoreThan(after as PartnerEntity['partnerId']) } }),
      order: { partnerId: 'ASC' },
      take: limit,
    });
  }
}
