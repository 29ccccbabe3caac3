import { PAGE } from 'eks-whois:console';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type BuiltPage, FILES_FOLDER } from '../console/page.ts';
import { servePage } from '../console/serve.ts';
import { readConsoleConfig } from '../lib/config.ts';

/**
 * Serves the page to anyone who can reach it. The page has no secrets, and this function has no permissions on tables.
 */
export const handler = consoleHandler(PAGE);

/** Returns a handler that answers with the page or one of its files, in the format of API Gateway. */
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
