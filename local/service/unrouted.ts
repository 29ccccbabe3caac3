/** Answers requests without a route as API Gateway does, instead of with serverless-offline's list of routes. */
export async function handler(): Promise<object> {
  return {
    statusCode: 404,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'Not Found' }),
  };
}
