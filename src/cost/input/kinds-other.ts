// Logs, metrics, queues, mail, sign-in, secrets, as somebody writes their usage down.

import { MONTH_DAYS } from '../../base/units.ts';
import { exact } from '../amount.ts';
import { LOG_COMPRESSED_PART } from '../assumptions.ts';
import { logQuantities, monitoringQuantities, traceQuantities } from '../rules/cloudwatch.ts';
import { line } from '../rules/line.ts';
import { schedulerQuantities, sesQuantities, sqsQuantities } from '../rules/messaging.ts';
import {
  cognitoQuantities,
  keyQuantities,
  parameterQuantities,
  secretQuantities,
} from '../rules/platform.ts';
import { bytes, count, flag, gigabytes, number, word } from './field.ts';
import type { UsageKind } from './kind.ts';
import { MONTHS } from './kinds-network.ts';

export const LOGS_KIND: UsageKind = {
  service: 'logs',
  also: ['cloudwatch-logs', 'cloudwatchlogs', 'log'],
  what: 'CloudWatch Logs: what is taken in, with 26 bytes for each event, and what is kept.',
  fields: {
    events: count(
      'Log events, of 26 bytes each beside their text.',
      'events',
      'logEvents',
      'lines',
    ),
    bytes: number('Bytes of all events, without the 26 of each.', {
      ...bytes(),
      ...bytes('ingest'),
      ...bytes('ingested'),
    }),
    bytesPerEvent: number('Bytes of each event, instead of all.', {
      bytesPerEvent: 1,
      bytesEach: 1,
      eventBytes: 1,
    }),
    keptMonths: number(
      'Months for which they are kept. Left out: what is kept is not billed here.',
      {
        retentionMonths: 1,
        keptMonths: 1,
        retentionDays: 1 / MONTH_DAYS,
        keptDays: 1 / MONTH_DAYS,
      },
    ),
    compressedPart: number(
      'Of what is taken in, the part that is kept once compressed: 0 to 1.',
      { compressedPart: 1 },
      { most: 1, otherwise: String(LOG_COMPRESSED_PART) },
    ),
    storedGb: number('GB-months that are kept, compressed, instead of retentionMonths.', {
      ...gigabytes('stored'),
      ...gigabytes('storage'),
    }),
  },
  tells: [['events'], ['bytesPerEvent']],
  example: { events: 3_000_000, bytesPerEvent: 200 },
  quantities(use) {
    const events = use.number('events');
    if (use.has('bytesPerEvent')) use.needed('events');
    const size = use.number('bytes', use.number('bytesPerEvent') * events);
    return {
      quantities: [
        ...logQuantities({
          events,
          bytes: size,
          keptMonths: use.number('keptMonths'),
          compressedPart: use.number('compressedPart', LOG_COMPRESSED_PART),
        }),
        line('logs', 'cloudwatch.logsStorageGbMonth', exact(use.number('storedGb'))),
      ],
    };
  },
};

export const MONITORING_KIND: UsageKind = {
  service: 'cloudwatch',
  also: ['monitoring', 'metrics', 'alarms'],
  what: 'CloudWatch: metrics, alarms, dashboards, queries of Logs Insights, and logs by the GB.',
  fields: {
    metrics: count('Custom metrics.', 'metrics', 'customMetrics'),
    alarms: count('Alarms.', 'alarms', 'standardAlarms'),
    highResolutionAlarms: count(
      'Alarms on periods under a minute.',
      'highResolutionAlarms',
      'highResAlarms',
    ),
    dashboards: count('Dashboards.', 'dashboards'),
    insightsGb: number('GB that queries of Logs Insights scan.', {
      ...gigabytes('insights'),
      ...gigabytes('scanned'),
      ...gigabytes('insightsScanned'),
    }),
    logsGb: number('GB of logs taken in, the 26 bytes of each event in them.', {
      ...gigabytes('logs'),
      ...gigabytes('logsIngest'),
      ...gigabytes('ingest'),
    }),
    logsStoredGb: number('GB-months of logs that are kept, compressed.', {
      ...gigabytes('logsStored'),
      ...gigabytes('logsStorage'),
    }),
    months: MONTHS,
  },
  tells: [['metrics'], ['alarms'], ['highResolutionAlarms'], ['dashboards'], ['insightsGb']],
  example: { metrics: 28, alarms: 5 },
  quantities: (use) => ({
    quantities: [
      ...monitoringQuantities({
        months: use.number('months', 1),
        metrics: use.number('metrics'),
        alarms: use.number('alarms'),
        highResolutionAlarms: use.number('highResolutionAlarms'),
        dashboards: use.number('dashboards'),
        insightsGb: use.number('insightsGb'),
      }),
      line('logs', 'cloudwatch.logsIngestGb', exact(use.number('logsGb'))),
      line('logs', 'cloudwatch.logsStorageGbMonth', exact(use.number('logsStoredGb'))),
    ],
  }),
};

export const XRAY_KIND: UsageKind = {
  service: 'xray',
  also: ['x-ray', 'traces', 'tracing'],
  what: 'X-Ray: traces recorded, and fetched or scanned.',
  fields: {
    recorded: count('Traces recorded.', 'traces', 'recorded', 'tracesRecorded'),
    read: count('Traces fetched or scanned.', 'read', 'retrieved', 'tracesRetrieved', 'scanned'),
  },
  tells: [['recorded']],
  example: { traces: 1_000_000 },
  quantities: (use) => ({
    quantities: traceQuantities({ recorded: use.number('recorded'), read: use.number('read') }),
  }),
};

export const SQS_KIND: UsageKind = {
  service: 'sqs',
  also: ['queue'],
  what: 'SQS: calls of its API, one for every 64 KB begun. A message takes three: send, receive, delete.',
  fields: {
    calls: count('Calls.', 'requests', 'calls', 'apiCalls'),
    payload: number(
      'Bytes that each carries.',
      { ...bytes(), ...bytes('payload'), ...bytes('message') },
      { otherwise: 'one step' },
    ),
    fifo: flag('The queue is FIFO, as that of the service "sqs-fifo" is.', 'fifo'),
  },
  tells: [['calls', 'fifo']],
  example: { requests: 3_000_000, fifo: false },
  quantities: (use) => ({
    quantities: sqsQuantities({
      calls: [{ count: use.needed('calls'), bytes: use.number('payload') }],
      fifo: use.flag('fifo'),
    }),
  }),
};

export const SES_KIND: UsageKind = {
  service: 'ses',
  also: ['mail', 'email'],
  what: 'Mails, by the recipient.',
  fields: {
    recipients: count('Mails times their recipients.', 'emails', 'recipients', 'mails'),
    plan: word(
      'essentials, the default of accounts new since 2026-07-21, or a-la-carte.',
      { essentials: [], 'a-la-carte': ['alacarte', 'payg'] },
      'essentials',
      'plan',
    ),
    attachmentGb: number('GB of attachments.', {
      ...gigabytes('attachment'),
      ...gigabytes('attachments'),
    }),
  },
  tells: [['recipients']],
  example: { emails: 50_000, plan: 'a-la-carte' },
  quantities: (use) => ({
    quantities: sesQuantities({
      recipients: use.number('recipients'),
      plan: use.word<'essentials' | 'a-la-carte'>('plan', 'essentials'),
      attachmentGb: use.number('attachmentGb'),
    }),
  }),
};

export const COGNITO_KIND: UsageKind = {
  service: 'cognito',
  also: ['user-pool'],
  what: 'Users who sign in, by the month.',
  fields: {
    users: count(
      'Users active in the month.',
      'mau',
      'maus',
      'users',
      'activeUsers',
      'monthlyActiveUsers',
    ),
    plan: word(
      'lite, essentials or plus.',
      { lite: [], essentials: [], plus: [] },
      'essentials',
      'plan',
      'tier',
    ),
  },
  tells: [['users']],
  example: { mau: 12_000, plan: 'essentials' },
  quantities: (use) => ({
    quantities: cognitoQuantities({
      activeUsers: use.needed('users'),
      plan: use.word<'lite' | 'essentials' | 'plus'>('plan', 'essentials'),
    }),
  }),
};

export const SECRETS_KIND: UsageKind = {
  service: 'secrets-manager',
  also: ['secretsmanager', 'secrets', 'secret'],
  what: 'Secrets Manager: secrets by the month, and calls.',
  fields: {
    secrets: count('Secrets.', 'secrets', 'count'),
    months: MONTHS,
    calls: count('Calls.', 'calls', 'requests', 'apiCalls'),
  },
  tells: [['secrets']],
  example: { secrets: 4, calls: 100_000 },
  quantities: (use) => ({
    quantities: secretQuantities({
      secrets: use.number('secrets'),
      months: use.number('months', 1),
      calls: use.number('calls'),
    }),
  }),
};

export const SSM_KIND: UsageKind = {
  service: 'ssm',
  also: ['parameter-store', 'parameters'],
  what: 'Parameter Store: standard parameters cost nothing, advanced ones by the month.',
  fields: {
    standard: count('Standard parameters.', 'standardParameters', 'standard', 'parameters'),
    advanced: count('Advanced parameters.', 'advancedParameters', 'advanced'),
    months: MONTHS,
  },
  tells: [['standard'], ['advanced']],
  example: { standardParameters: 12, advancedParameters: 1 },
  quantities: (use) => ({
    quantities: parameterQuantities({
      standard: use.number('standard'),
      advanced: use.number('advanced'),
      months: use.number('months', 1),
    }),
  }),
};

export const KMS_KIND: UsageKind = {
  service: 'kms',
  also: ['key-management'],
  what: 'KMS: keys of one’s own by the month, and requests.',
  fields: {
    keys: count('Keys of one’s own.', 'keys'),
    months: MONTHS,
    requests: count('Requests.', 'requests', 'calls', 'apiCalls'),
  },
  tells: [['keys']],
  example: { keys: 1, requests: 100_000 },
  quantities: (use) => ({
    quantities: keyQuantities({
      keys: use.number('keys'),
      months: use.number('months', 1),
      requests: use.number('requests'),
    }),
  }),
};

export const SCHEDULER_KIND: UsageKind = {
  service: 'scheduler',
  also: ['eventbridge-scheduler', 'eventbridge'],
  what: 'EventBridge Scheduler: invocations.',
  fields: { invocations: count('Invocations.', 'invocations', 'requests', 'schedules') },
  tells: [],
  example: { invocations: 20_000_000 },
  quantities: (use) => ({ quantities: schedulerQuantities(use.needed('invocations')) }),
};
