import { ApiProblem, Caller, type Principal, Roles } from '@backhaul/http';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { settingsOf } from '../rules/rules.types.js';
import { PreviewRuleHandler } from './preview-rule.handler.js';
import { PreviewIn, PreviewOut, previewOut, windowOf } from './previews.types.js';

/** What a rule would have done, before there is one. */
@ApiTags('rules')
@Roles('partner-senior-manager', 'partner-senior-it-manager', 'partner-read-only', 'partner-api')
@Controller('api/v1/notification-rules/preview')
export class PreviewsController {
  constructor(private readonly previewRule: PreviewRuleHandler) {}

  /** Looks through the event log for what the rule would have acted on; takes some seconds at most, and changes nothing. */
  @Post()
  @HttpCode(200)
  @ApiOkResponse({ type: PreviewOut })
  @ApiProblem(503, 'The event log does not answer right now.')
  async preview(@Caller() caller: Principal, @Body() body: PreviewIn): Promise<PreviewOut> {
    const window = windowOf(body, this.previewRule.now());
    return previewOut(
      window,
      await this.previewRule.handle(caller, settingsOf(body.rule), window, body.limit),
    );
  }
}
