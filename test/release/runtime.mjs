// What Lambda's Node.js runtime does: loads the handler, and asks for one invocation after the other.
// Each invocation says what time it is.
import { setTime } from './clock.mjs';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const { handler } = await import(process.argv[2]);

for (;;) {
  const next = await fetch(`${api}/next`);
  const id = next.headers.get('lambda-runtime-aws-request-id');
  setTime(Number(next.headers.get('rehearsed-time-ms')));
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const [what, body] = await handler(await next.json(), context).then(
    (answer) => ['response', answer ?? null],
    (error) => ['error', { errorType: error.name, errorMessage: error.message }],
  );
  await fetch(`${api}/${id}/${what}`, { method: 'POST', body: JSON.stringify(body) });
}
