# One run of SimFaaS: requests a second, mean service time, expiry, length (seconds), seed.
# Prints what it took and what it found as JSON; imports and start of Python are not counted.

import json
import sys
import time

import numpy
from simfaas.ServerlessSimulator import ServerlessSimulator

rate, service, expiry, seconds, seed = map(float, sys.argv[1:6])
numpy.random.seed(int(seed))
simulator = ServerlessSimulator(
    arrival_rate=rate,
    warm_service_rate=1 / service,
    cold_service_rate=1 / service,
    expiration_threshold=expiry,
    max_time=seconds,
    maximum_concurrency=1_000_000,
)
began = time.process_time()
simulator.generate_trace()
took = time.process_time() - began
print(
    json.dumps(
        {
            "cpuSeconds": took,
            "requests": simulator.total_req_count,
            "cold": simulator.total_cold_count,
            "instances": float(simulator.get_average_server_count()),
        }
    )
)
