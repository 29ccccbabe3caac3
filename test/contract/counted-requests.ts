import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isJsonObject } from '../../lib/json.ts';

export interface Counts {
  readonly requests: number;
  /** Items that came back, whatever of them was asked for. */
  readonly items: number;
}

/** Counts what is asked of DynamoDB, and how many items it answers with. */
export class CountedRequests {
  #requests = 0;
  #items = 0;

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next) => async (args) => {
        this.#requests += 1; // a put whose condition fails is one too
        const answer = await next(args);
        this.#items += itemsOf(answer.output);
        return answer;
      },
      { step: 'initialize', priority: 'high', name: 'countedRequests' },
    );
  }

  /** Returns how many requests the work made, and how many items they had. */
  async during(work: () => Promise<unknown>): Promise<Counts> {
    const [requests, items] = [this.#requests, this.#items];
    await work();
    return { requests: this.#requests - requests, items: this.#items - items };
  }
}

function itemsOf(output: unknown): number {
  if (!isJsonObject(output)) return 0;
  const { Items, Item, Responses } = output;
  if (Array.isArray(Items)) return Items.length;
  if (isJsonObject(Responses)) return Object.values(Responses).flat().length;
  return Item === undefined ? 0 : 1;
}
