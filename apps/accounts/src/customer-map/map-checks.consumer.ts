import { type Delivered, MapCheckPayload, mapChecks, OnTopic } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';

/** An answer of another company, or from before what is known, says nothing about now. The mapping itself stays as it is. */
const WRITE = `
  UPDATE customer_map SET problems = $5, problems_at = $6
  WHERE partner_id = $1 AND provider = $2 AND cust_id = $3 AND psa_company_id = $4 AND problems_at < $6`;

/** What has become of mapped companies in the PSA since they were mapped (D32). A repeat changes nothing. */
@Controller()
export class MapChecksConsumer {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  @OnTopic(mapChecks)
  async onChecks(batch: Delivered<MapCheckPayload>[]): Promise<void> {
    for (const { partnerId, provider, custId, psaCompanyId, problems, at } of batch.flatMap(
      ({ payload }) => payload ?? [],
    ))
      await this.unitOfWork.query(WRITE, [partnerId, provider, custId, psaCompanyId, JSON.stringify(problems), at]); // prettier-ignore
  }
}
