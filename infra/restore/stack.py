"""A deployed stack: where its table and bucket are, and whether it is at work."""

import os
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SETTLED_SECONDS = 120
KEPT_OF_A_SCHEDULE = [
    "Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "EndDate",
    "Description", "KmsKeyArn", "Target", "FlexibleTimeWindow", "ActionAfterCompletion",
]


class Refused(Exception):
    """Why it was not done, and what to do next."""


class Stack:
    def __init__(self, name):
        self.name = name
        session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        config = Config(retries={"mode": "standard", "max_attempts": 10}, max_pool_connections=16)
        services = ("cloudformation", "dynamodb", "lambda", "s3", "scheduler")
        self.cloud, self.dynamodb, self.functions, self.s3, self.scheduler = (
            session.client(service, config=config) for service in services)
        self.outputs = self._outputs()

    def _outputs(self):
        try:
            found = self.cloud.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            raise Refused(f"there is no stack {self.name} here: look at --stack, the region and the account") from None
        return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}

    def _output(self, name):
        if name not in self.outputs:
            raise Refused(f"{self.name} has no output {name}: it is no stack of ours, or not yet deployed")
        return self.outputs[name]

    def table(self):
        return self._output("TableName")

    def bucket(self):
        return self._output("BucketName")

    def _parts(self, kind):
        pages = self.cloud.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = (one for page in pages for one in page["StackResourceSummaries"])
        return [one["PhysicalResourceId"] for one in found if one["ResourceType"] == kind]

    def _schedules(self):
        # By its ARN or its bare name; behind the group, if one is said.
        names = [part.rpartition("/")[2].rpartition("|")[2] for part in self._parts("AWS::Scheduler::Schedule")]
        return [self.scheduler.get_schedule(Name=name) for name in names]

    def _mappings(self):
        """Of the stack's functions, whoever made them."""
        ours = {part.rpartition(":")[2] for part in self._parts("AWS::Lambda::Function")}
        pages = self.functions.get_paginator("list_event_source_mappings").paginate()
        found = (one for page in pages for one in page["EventSourceMappings"])
        return [one for one in found if one["FunctionArn"].split(":function:")[1].split(":")[0] in ours]

    def is_at_work(self):
        schedules = any(schedule["State"] == "ENABLED" for schedule in self._schedules())
        return schedules or any(mapping["State"] != "Disabled" for mapping in self._mappings())

    def turn(self, on):
        """Turns schedule and mappings on or off; the same again changes nothing."""
        state = "ENABLED" if on else "DISABLED"
        for schedule in self._schedules():
            if schedule["State"] != state:
                kept = {name: schedule[name] for name in KEPT_OF_A_SCHEDULE if schedule.get(name)}
                self.scheduler.update_schedule(**kept, State=state)
        wanted = "Enabled" if on else "Disabled"
        for mapping in self._mappings():
            if mapping["State"] != wanted:
                self.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)
        self._wait_for(wanted)

    def _wait_for(self, wanted):
        deadline = time.monotonic() + SETTLED_SECONDS
        while any(mapping["State"] != wanted for mapping in self._mappings()):
            if time.monotonic() > deadline:
                raise Refused(f"a mapping of {self.name} is not {wanted.lower()} after {SETTLED_SECONDS} s: try again")
            time.sleep(1)
