// What no bill of ours has in it, in words for people.

export const NOT_MODELLED: readonly string[] = [
  'tax',
  'support plans',
  'Savings Plans, reserved capacity and private discounts',
  'credits of new accounts',
  'Windows containers',
  'Lambda@Edge, Lambda Managed Instances and durable functions',
  'the cache of a REST API, and custom domain names',
  'the trust store of mutual TLS',
  'WAF, Shield Advanced and GuardDuty',
  'CodeBuild and other pipelines',
  'Route 53 zones and queries',
  'data transfer between regions',
  'IOPS and throughput of gp3 above what is included, and other kinds of storage',
  'Aurora, DynamoDB, and databases other than RDS for PostgreSQL and MySQL',
  'storage classes of S3 other than Standard',
  'SES Pro and its dedicated addresses',
  'flat plans of CloudFront, and its edges outside the United States and Europe',
  'sign-in by SMS',
  'Container Insights',
  'services outside AWS',
];
