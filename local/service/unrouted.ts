/** What API Gateway answers by itself where no route fits, in the place of serverless-offline's list of routes. */
export async function handler(): Promise<object> {
  return {
    statusCode: 404,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'Not Found' }),
  };
}
