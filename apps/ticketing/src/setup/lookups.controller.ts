import { Caller, type Principal, Problem, Roles, WholePartner } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';
import { type Choice, LOOKUPS, type Lookup } from '@backhaul/psa';
import { Controller, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { PROVIDER } from '../read-models/read-models.consumer.js';
import { LookUpHandler } from './look-up.handler.js';
import { type ChoiceOut, LookupOut, LookupQuery } from './lookups.types.js';
import { ownProvider } from './own-provider.js';

/** The customer map needs these, and others than the senior manager make it. */
const OF_THE_MAP: readonly Lookup[] = ['companies', 'contracts'];
/** Ids that settings hold are numbers there, those of the customer map decimal text. */
const idOf = (what: Lookup, id: string): number | string => (OF_THE_MAP.includes(what) ? id : Number(id));

const choiceOut = (
  what: Lookup,
  { id, name, isDefault, isActive, isClosing, problem }: Choice,
): ChoiceOut => ({
  id: idOf(what, id),
  name,
  isDefault,
  isActive,
  ...(isClosing !== undefined && { isClosing }),
  ...(problem !== undefined && { problem }),
});

/** What the Retrieve buttons of the setup show: the PSA as it is now (D19, D21, D25-D29, D33). */
@ApiTags('PSA')
@Roles('partner-senior-manager', 'partner-senior-it-manager')
@WholePartner()
@Controller('api/v1/psa/:provider/lookups')
export class LookupsController {
  constructor(
    private readonly lookUp: LookUpHandler,
    @Inject(PROVIDER) private readonly provider: Provider,
  ) {}

  @Post(':lookup')
  @HttpCode(200)
  @ApiParam({ name: 'lookup', enum: LOOKUPS })
  @ApiOkResponse({ type: LookupOut })
  async read(
    @Caller() caller: Principal,
    @Param('provider') name: string,
    @Param('lookup') lookup: string,
    @Query() query: LookupQuery,
  ): Promise<LookupOut> {
    ownProvider(name, this.provider);
    const what = LOOKUPS.find((known) => known === lookup);
    if (!what)
      throw Problem.badRequest([
        { pointer: '/lookup', detail: `must be one of ${LOOKUPS.join(', ')}`, rule: 'isIn' },
      ]);
    if (!OF_THE_MAP.includes(what) && caller.role !== 'partner-senior-manager') throw Problem.forbidden();
    const { choices, readAt } = await this.lookUp.handle(caller.partnerId, what, query);
    return { items: choices.map((choice) => choiceOut(what, choice)), readAt };
  }
}
