import { arnOf, type Resource, type Resources, ref, sub, type Value } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';
import { alarmRulesOf } from './event-buses.ts';

/**
 * Returns two topics, because alerts and alarms need different encryption. Settle's alerts name people, so their topic
 * is encrypted. CloudWatch's alarms name nobody. CloudWatch cannot publish to a topic that is encrypted with SNS's own
 * key.
 */
export function alertResources(of: Deployment): Resources {
  const topics: Record<string, Resource> =
    of.alarmTopicArn === undefined ? { Alarms: topic(of, 'alarms', {}), AlarmsPolicy: alarmsPolicy(of) } : {};
  if (of.stack === 'hub') topics.Alerts = topic(of, 'alerts', { KmsMasterKeyId: of.kmsKeyArn ?? 'alias/aws/sns' });
  if (of.alertEmail === undefined) return topics;
  for (const id of Object.keys(topics).filter((id) => topics[id]?.Type === 'AWS::SNS::Topic')) {
    topics[`${id}Email`] = subscription(id, of.alertEmail);
  }
  return topics;
}

/** Returns the topic for alarms: the given one, or the stack's own. */
export function alarmTopic(of: Deployment): Value {
  return of.alarmTopicArn ?? ref('Alarms');
}

function topic(of: Deployment, name: string, properties: Resource['Properties']): Resource {
  return { Type: 'AWS::SNS::Topic', Properties: { TopicName: `${of.prefix}-${name}`, ...properties } };
}

/** Returns an email subscription. AWS asks the receiver to confirm it and sends nothing else before. */
function subscription(topicId: string, email: string): Resource {
  return { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: ref(topicId), Protocol: 'email', Endpoint: email } };
}

function alarmsPolicy(of: Deployment): Resource {
  const rules = alarmRulesOf(of).map(({ id }) => arnOf(id));
  return {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: {
      Topics: [ref('Alarms')],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          publishing('cloudwatch.amazonaws.com', {
            ArnLike: {
              'aws:SourceArn': sub('arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*'),
            },
          }),
          ...(rules.length === 0
            ? []
            : [publishing('events.amazonaws.com', { ArnEquals: { 'aws:SourceArn': rules } })]),
        ],
      },
    },
  };
}

function publishing(service: string, condition: Value): Value {
  return {
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sns:Publish',
    Resource: ref('Alarms'),
    Condition: condition,
  };
}
