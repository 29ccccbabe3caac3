import { PAGE } from 'eks-whois:console';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type BuiltPage, FILES_FOLDER } from '../console/page.ts';
import { servePage } from '../console/serve.ts';
import { readConsoleConfig } from '../lib/config.ts';

/** The page, for whoever reaches it: nothing in it is secret, and it has no right to any table. */
export const handler = consoleHandler(PAGE);

/** Answers with the page and its files, as API Gateway takes an answer. */
function consoleHandler(
  page: BuiltPage,
): (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2> {
  const serving = readConsoleConfig();
  return async (event) => {
    const file = event.pathParameters?.file;
    const path = file === undefined ? '/' : `/${FILES_FOLDER}/${file}`;
    const { status, headers, body } = servePage(page, path, event.headers?.['accept-encoding'], serving);
    return { statusCode: status, headers: { ...headers }, isBase64Encoded: true, body: body.toString('base64') };
  };
}
