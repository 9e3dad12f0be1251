"""Tests of the template's checks: each planted fault must be found, by the rule that is there for it.

usage: planted.py CFN_GUARD CFN_LINT CHECKOV   (the programs)

First the template as it is must pass. Then one fault at a time is planted in a copy. Every rule of
`*.guard` must be the one that finds at least one of them.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")
RULES = sorted(HERE.glob("*.guard"))

# What is planted, as (rule, what stands there, what is put in its place). The first place is taken.
GUARD = [
    ("no_action_has_a_star", "Action: [dynamodb:GetItem, dynamodb:PutItem]", 'Action: "dynamodb:*"'),
    ("no_action_has_a_star", "Action: [dynamodb:PutItem, dynamodb:DeleteItem]", 'Action: [dynamodb:PutItem, "dynamodb:Delete*"]'),
    ("no_action_has_a_star", "Action: ses:SendEmail", 'Action: "ses:*"'),
    ("no_action_has_a_star", "Action: [dynamodb:GetItem, dynamodb:PutItem]", "NotAction: dynamodb:Scan"),
    ("no_resource_is_a_star", "Resource: !GetAtt Table.Arn", 'Resource: "*"'),
    ("no_resource_is_a_star", "Resource: !GetAtt AssignmentQueue.Arn", 'Resource: [!GetAtt AssignmentQueue.Arn, "*"]'),
    ("no_resource_is_a_star", "NotResource: !Sub", "Resource: '*' #"),
    ("no_shared_action_has_a_star", "Action: [kms:Decrypt, kms:GenerateDataKey]", 'Action: "kms:*"'),
    ("no_shared_resource_is_a_star_but_that_of_xray", "Resource: !Ref KmsKeyArn", 'Resource: "*"'),
    ("no_shared_resource_is_a_star_but_that_of_xray", "xray:PutTelemetryRecords]", "xray:PutTelemetryRecords, s3:GetObject]"),
    ("no_policy_is_borrowed", "- !If [HasKey, !Ref KeyPolicy, !Ref AWS::NoValue]", "- arn:aws:iam::aws:policy/AdministratorAccess"),
    ("a_caller_is_one_source_and_not_a_whole_service", "      SourceArn: !Sub", "      SourceAccount: !Sub"),
    ("a_table_can_be_brought_back", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false"),
    ("a_table_can_be_brought_back", "    DeletionPolicy: Retain", "    DeletionPolicy: Delete"),
    ("a_table_can_be_brought_back", "      DeletionProtectionEnabled: !Ref DeletionProtection\n", ""),
    ("a_table_is_encrypted", "SSEType: KMS, ", ""),
    ("a_table_is_encrypted", "        - { SSEEnabled: true }", "        - { SSEEnabled: false }"),
    ("a_bucket_keeps_versions_and_is_private", "Status: Enabled }", "Status: Suspended }"),
    ("a_bucket_keeps_versions_and_is_private", "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
    ("a_bucket_keeps_versions_and_is_private", "      LifecycleConfiguration:", "      Unknown:"),
    ("a_bucket_is_spoken_to_over_tls", "Action: s3:*", "Action: s3:GetObject"),
    ("a_queue_is_encrypted", "      SqsManagedSseEnabled: !If [HasKey, !Ref AWS::NoValue, true]\n", ""),
    ("a_queue_is_spoken_to_over_tls", "        - !Ref DeliveryDeadLetters\n", ""),
    ("a_queue_is_spoken_to_over_tls", 'Bool: { aws:SecureTransport: "false" }', 'Bool: { aws:SecureTransport: "true" }'),
    ("logs_end", "      RetentionInDays: !Ref LogRetentionDays\n", ""),
    ("every_queue_has_dead_letters_or_is_some", "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt FollowUpDeadLetters.Arn\n        maxReceiveCount: 5\n", ""),
    ("every_queue_has_dead_letters_or_is_some", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 60"),
    ("a_queue_is_worked_on_message_by_message", "            FunctionResponseTypes: [ReportBatchItemFailures]\n", ""),
    ("a_schedule_holds_the_name_of_its_stack", 'Name: !Sub "${AWS::StackName}-sweep"', 'Name: !Sub "the-sweep"'),
    ("every_function_has_its_alarm", "FunctionName, Value: !Ref DeskFunction }]\n      Statistic: Sum\n      Period: 60\n      EvaluationPeriods: 1", "FunctionName, Value: !Ref IntakeFunction }]\n      Statistic: Sum\n      Period: 60\n      EvaluationPeriods: 1"),
    ("every_queue_of_dead_letters_has_its_alarm", "Value: !GetAtt DeliveryDeadLetters.QueueName", "Value: !GetAtt DeliveryQueue.QueueName"),
    ("every_alarm_tells_somebody", "      AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]\n", ""),
    ("every_alarm_tells_somebody", "      TreatMissingData: breaching\n", ""),
    ("every_function_of_a_queue_knows_its_dead_letters", "          DEAD_LETTERS_URL: !Ref DeliveryDeadLetters\n", ""),
    ("every_function_writes_to_a_log_group_of_its_own", "LoggingConfig: { LogGroup: !Ref DeskLogs }", "LoggingConfig: { LogGroup: /aws/lambda/all }"),
]
# One each, to see that they are asked at all and that their word counts.
LINT = ("MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 1209601")
CHECKOV = ("BlockPublicAcls: true", "BlockPublicAcls: false")


def planted(old, new):
    if old not in TEMPLATE:
        sys.exit(f"{old!r} stands nowhere in the template any more: plant it anew")
    return TEMPLATE.replace(old, new, 1)


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def failed_rules(guard, text, directory):
    """The rules that the template `text` breaks."""
    path = Path(directory) / "template.yaml"
    path.write_text(text, encoding="utf-8")
    found = run(guard, "validate", "--data", path, "--show-summary", "fail", "--rules", *RULES)
    rules = set(re.findall(r"^\S+\.guard/(\w+)\s+FAIL", found.stdout, re.MULTILINE))
    if found.returncode not in (0, 19) or (found.returncode == 19) != bool(rules):
        sys.exit(f"cfn-guard could not tell:\n{found.stdout[-2000:]}{found.stderr[-2000:]}")
    return rules


def main():
    guard, lint, checkov = sys.argv[1:]
    faults = []
    with tempfile.TemporaryDirectory() as directory:
        if broken := failed_rules(guard, TEMPLATE, directory):
            sys.exit(f"the template breaks {', '.join(sorted(broken))}: see `cfn-guard validate`")
        for rule, old, new in GUARD:
            if rule not in failed_rules(guard, planted(old, new), directory):
                faults.append(f"{rule} does not find {new or 'nothing'!r} in the place of {old!r}")
        others = {
            "cfn-lint": (LINT, lambda path: run(lint, path)),
            "checkov": (CHECKOV, lambda path: run(checkov, "--file", path, "--framework", "cloudformation", "--quiet", "--skip-download")),
        }
        for name, ((old, new), check) in others.items():
            path = Path(directory) / "template.yaml"
            path.write_text(planted(old, new), encoding="utf-8")
            if check(path).returncode == 0:
                faults.append(f"{name} does not find {new!r}")
    rules = {rule for path in RULES for rule in re.findall(r"^rule (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)}
    untried = rules - {rule for rule, _, _ in GUARD}
    faults += [f"nothing is planted for {rule}" for rule in sorted(untried)]
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(1)
    print(f"{len(GUARD) + 2} planted faults, each found; {len(rules)} rules, each by a fault of its own")


if __name__ == "__main__":
    main()
