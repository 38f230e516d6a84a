import { systemClock } from '@backhaul/domain';
import { Controller, Get, Header, Param, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '@backhaul/http';
import { DocumentationGuard } from './documentation.guard.js';
import { OpenApiCatalogue } from './openapi-catalogue.js';
import { problemPage, PROBLEMS_PAGE } from './problem-pages.js';
import { DOCS_PAGE, DOCS_SCRIPT, HOME_PAGE } from './pages.js';

/** What a browser finds here: a page that says what this is, and, with a login, the documents. */
@ApiExcludeController()
@Public()
@Controller()
export class DocsController {
  constructor(private readonly catalogue: OpenApiCatalogue) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  home(): string {
    return HOME_PAGE;
  }

  @Get('docs')
  @UseGuards(DocumentationGuard)
  @Header('content-type', 'text/html; charset=utf-8')
  docs(): string {
    return DOCS_PAGE;
  }

  @Get('docs/start.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return DOCS_SCRIPT;
  }

  @Get('docs/problems')
  @Header('content-type', 'text/html; charset=utf-8')
  problems(): string {
    return PROBLEMS_PAGE;
  }

  @Get('docs/problems/:slug')
  @Header('content-type', 'text/html; charset=utf-8')
  problem(@Param('slug') slug: string): string {
    return problemPage(slug);
  }

  @Get('api/openapi.json')
  @UseGuards(DocumentationGuard)
  openapi(): Promise<object> {
    return this.catalogue.read(systemClock.now().getTime());
  }
}
