import type { StandInDelivery, StandInVolume } from './account.ts';

/** As GetMetricData is asked (CloudWatch API Reference), with exact dimensions. */
interface MetricDataInput {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly MetricDataQueries: readonly {
    readonly Id: string;
    readonly MetricStat: {
      readonly Metric: {
        readonly Namespace: string;
        readonly MetricName: string;
        readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
      };
    };
  }[];
}

/** The values of each query; a metric of other dimensions than these has none. Times are seconds, as JSON has them. */
export function metricData(known: readonly (StandInDelivery | StandInVolume)[], input: unknown): readonly object[] {
  const { MetricDataQueries, StartTime, EndTime } = input as MetricDataInput;
  return MetricDataQueries.map(({ Id, MetricStat: { Metric } }) => {
    const wanted = Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)
      .toSorted()
      .join();
    const values = known.filter(({ metric, logGroup, filter, hour }) => {
      const ofFilter = filter === undefined ? '' : `DestinationType=Lambda,FilterName=${filter},`;
      const dimensions = `${ofFilter}LogGroupName=${logGroup}`;
      const inTime = hour / 1000 >= StartTime && hour / 1000 < EndTime;
      return Metric.Namespace === 'AWS/Logs' && Metric.MetricName === metric && wanted === dimensions && inTime;
    });
    return {
      Id,
      Timestamps: values.map(({ hour }) => hour / 1000),
      Values: values.map(({ count }) => count),
      StatusCode: 'Complete',
    };
  });
}
