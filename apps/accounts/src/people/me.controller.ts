import { Caller, type Principal, type Role, ROLES } from '@backhaul/http';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
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
}

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
    const [person, actor] = await Promise.all([this.personOf(caller), this.actorOf(caller)]);
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
    };
  }

  private personOf({ subject }: Principal): Promise<Person | null> {
    return this.unitOfWork.run((tx) => this.people.ofSubject(subject, tx));
  }

  private async actorOf({ actor }: Principal): Promise<Person | null> {
    return actor && this.unitOfWork.run((tx) => this.people.ofSubject(actor.subject, tx));
  }
}
