import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { plainJson } from '../../lib/words/escape.ts';
import { markdownDocument } from '../../lib/words/markdown.ts';
import { certaintyText } from './certainty.ts';
import type { IncidentFormat } from './options.ts';
import { reportDocument } from './report-document.ts';
import { textDocument } from './text.ts';

/** Of text, the terminal is so many columns wide; undefined where it is written whole, as into a file. */
export function writtenReport(report: IncidentReport, format: IncidentFormat, width?: number): string {
  if (format === 'json') return `${plainJson(reportBody(report))}\n`;
  const blocks = reportDocument(report);
  return format === 'markdown' ? markdownDocument(blocks) : textDocument(blocks, width);
}

/** As docs/incident.md has it: the report, and of each section how far one may rely on it. */
function reportBody(report: IncidentReport): object {
  const sections = report.sections.map((each) => ({ ...each, certain: certaintyText(each) }));
  return { schemaVersion: 1, ...report, sections };
}
