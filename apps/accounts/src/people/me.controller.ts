import { Caller, type Principal, type Role, ROLES } from '@backhaul/http';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { SupportOut, supportOf } from '../brands/brands.types.js';
import { ForEverybody } from '../rights.js';
import type { Person } from './person.js';
import { PersonRepository } from './person.repository.js';

class ImpersonatorOut {
  accountNo: number;
  username: string;
}

class MeOut {
  /** `key:<id>`, `account:<no>` or `operator:<id>`. */
  subject: string;
  @ApiProperty({ enum: ROLES }) role: Role;
  partnerId: string;
  /** The top of the brands that are seen; null: all of the partner's. */
  @ApiProperty({ type: String, nullable: true }) brandId: string | null;
  /** Null for an API key and for an operator. */
  @ApiProperty({ type: Number, nullable: true }) accountNo: number | null;
  @ApiProperty({ type: String, nullable: true }) username: string | null;
  @ApiProperty({ type: Boolean, nullable: true }) hasSecondFactor: boolean | null;
  @ApiProperty({ type: ImpersonatorOut, nullable: true }) impersonatedBy: ImpersonatorOut | null;
  /** Where the own brand, or the nearest above it that says so, sends people for help (E12). */
  @ApiProperty({ type: SupportOut, nullable: true }) support: SupportOut | null;
}

const SUPPORT = `
  WITH own AS (SELECT b.path FROM brand b WHERE b.partner_id = $1 AND b.brand_id = coalesce(
    (SELECT c.brand_id FROM account a JOIN customer c ON c.partner_id = a.partner_id AND c.cust_id = a.cust_id
     WHERE a.partner_id = $1 AND a.account_no = $3), $2,
    (SELECT r.brand_id FROM brand r WHERE r.partner_id = $1 AND r.parent_id IS NULL)))
  SELECT s.support FROM own JOIN brand s ON s.partner_id = $1 AND s.brand_id = ANY (own.path)
  WHERE s.support IS NOT NULL ORDER BY cardinality(s.path) DESC LIMIT 1`;

/** Who asks, and as whom (A9). */
@ApiTags('me')
@ForEverybody()
@Controller('api/v1/me')
export class MeController {
  constructor(
    private readonly people: PersonRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOkResponse({ type: MeOut })
  async read(@Caller() caller: Principal): Promise<MeOut> {
    const [person, actor, support] = await Promise.all([
      this.personOf(caller),
      this.actorOf(caller),
      this.supportOf(caller),
    ]);
    const { subject, role, partnerId, brandId, accountNo } = caller;
    return {
      subject,
      role,
      partnerId,
      brandId,
      accountNo,
      username: person?.username ?? null,
      hasSecondFactor: person?.hasSecondFactor ?? null,
      impersonatedBy: actor?.accountNo ? { accountNo: actor.accountNo, username: actor.username } : null,
      support,
    };
  }

  private personOf({ subject }: Principal): Promise<Person | null> {
    return this.unitOfWork.run((tx) => this.people.ofSubject(subject, tx));
  }

  private async supportOf({ partnerId, brandId, accountNo }: Principal): Promise<SupportOut | null> {
    const [row] = await this.unitOfWork.query<{ support: string }>(SUPPORT, [partnerId, brandId, accountNo]);
    return supportOf(row?.support ?? null);
  }

  private async actorOf({ actor }: Principal): Promise<Person | null> {
    return actor && this.unitOfWork.run((tx) => this.people.ofSubject(actor.subject, tx));
  }
}
