import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { logger, metrics } from '../wiring/telemetry.ts';
import { problemAnswer } from './problem.ts';
import { problemOf } from './problem-of.ts';

/** Answers an error with the problem that it is; what whoever asked did not cause is logged. */
export function problemMiddleware(): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const problem = problemOf(request.error);
      metrics.add(problem.status === 400 ? 'QuestionsRefused' : 'QuestionsFailed', 1);
      if (problem.status >= 500) logger.error('question not answered', request.error ?? 'unknown');
      request.response = problemAnswer(problem);
    },
  };
}
