import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.model.records import ErrorCategory, Outcome
from exporter.sources.error_categories import categorize, failure_outcome

TEXTS = [
    ("file_not_found", "<tool_use_error>File does not exist.</tool_use_error>"),
    ("file_not_found", "File does not exist. Note: your current working directory is /home/dev/proj."),
    ("file_not_found", "<tool_use_error>Path does not exist: /home/dev/.golangci.yml</tool_use_error>"),
    ("file_not_found", "ENOENT: no such file or directory, posix_spawn '/opt/claude'"),
    ("file_not_found", "Exit code 1\nls: /home/dev/commands/: No such file or directory"),
    ("file_not_found", "Exit code 1\n# ./cmd/cli/session\nstat /home/dev/session: directory not found\nFAIL"),
    ("permission_denied", "Exit code 126\n(eval):1: permission denied: ./run"),
    ("permission_denied", "EACCES: permission denied, open '/etc/shadow'"),
    ("timeout", "Command timed out after 2m 0.0s"),
    ("timeout", "Exit code 124"),
    ("timeout", "Exit code 1\nError: context deadline exceeded"),
    ("syntax_error", "Exit code 3\njq: error: syntax error, unexpected INVALID_CHARACTER"),
    ("syntax_error", 'Exit code 1\n  File "<string>", line 1\nSyntaxError: invalid syntax'),
    ("network_error", "Exit code 7\ncurl: (7) Failed to connect to localhost port 1 after 0 ms"),
    ("network_error", "Request failed with status code 404"),
    ("network_error", "Exit code 1\ngh: Not Found (HTTP 404)"),
    ("git_error", "Exit code 128\nfatal: not a git repository (or any of the parent directories): .git"),
    ("git_error", "Exit code 1\nCONFLICT (content): Merge conflict in cmd/state.go"),
    ("git_error", "Exit code 1\nRebasing (1/7)\rerror: could not apply 2dd8eff6... addressed PR feedback"),
    ("git_error", "Exit code 1\nerror: Your local changes to the following files would be overwritten by merge:"),
    ("git_error", "Exit code 1\nThe following paths are ignored by one of your .gitignore files:\n.entire"),
    ("git_error", "Exit code 129\nerror: unknown option `dry-run'\nusage: git gc [<options>]"),
    ("validation_error", "<tool_use_error>File has not been read yet. Read it first.</tool_use_error>"),
    ("validation_error", "<tool_use_error>String to replace not found in file.\nString: x</tool_use_error>"),
    ("validation_error", "<tool_use_error>Error: No such tool available: NoSuchTool</tool_use_error>"),
    ("validation_error", "<tool_use_error>InputValidationError: Bash failed due to the following issues:"),
    ("validation_error", "<tool_use_error>Blocked: standalone sleep 30. To wait for a condition, use Monitor"),
    ("validation_error", "File content (26800 tokens) exceeds maximum allowed tokens (25000)."),
    ("resource_error", "Exit code 137"),
    ("resource_error", "Exit code 1\nwrite /tmp/x: no space left on device"),
    ("command_not_found", "Exit code 127\n(eval):1: command not found: golangci-lint"),
    ("command_not_found", "Exit code 127\n(eval):1: no such file or directory: test-harness.sh"),
    ("command_failed", "Exit code 1"),
    ("command_failed", "Exit code 1\nModuleNotFoundError: No module named 'yaml'"),
    ("command_failed", "Exit code 3\noops"),
    ("interrupted", "<tool_use_error>Sibling tool call errored</tool_use_error>"),
    ("interrupted", "Exit code 130"),
    ("other", "Task not found"),
    ("other", "(0 , import_dist.default) is not a function"),
    ("other", ""),
]


@pytest.mark.parametrize(("category", "text"), TEXTS)
def test_an_error_is_categorized_by_its_text(category: str, text: str) -> None:
    assert categorize(text) is ErrorCategory(category)
    assert failure_outcome(text) is Outcome.ERROR


def test_every_category_has_an_example() -> None:
    assert {category for category, _ in TEXTS} == set(ErrorCategory)


@pytest.mark.parametrize(
    "text",
    [
        "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit",
        "The user doesn't want to take this action right now. STOP what you are doing",
        "This command requires approval",
        "This Bash command contains multiple operations. The following part requires approval: exit 3",
        "Claude requested permissions to write to /etc/hosts, but you haven't granted it yet.",
        "Permission to use Bash with command rm -rf / has been denied.",
        "Permission to use Bash with command cat <<EOF\n1\n2\nEOF has been denied.",
        "<tool_use_error>Permission to use WebFetch has been denied.</tool_use_error>",
        "Hook PreToolUse:Bash denied this tool",
    ],
)
def test_a_call_that_was_refused_is_denied(text: str) -> None:
    assert failure_outcome(text) is Outcome.DENIED


def test_a_call_that_a_person_stopped_is_interrupted() -> None:
    assert failure_outcome("[Request interrupted by user for tool use]") is Outcome.INTERRUPTED
    assert failure_outcome("Exit code 3\noops", interrupted=True) is Outcome.INTERRUPTED
    assert failure_outcome("This command requires approval", interrupted=True) is Outcome.INTERRUPTED


def test_the_output_of_a_failed_command_is_not_taken_for_a_refusal() -> None:
    for text in ("This command requires approval", "[Request interrupted by user]", "The tool use was rejected"):
        assert failure_outcome(f"Exit code 1\n{text}") is Outcome.ERROR


def test_text_far_after_the_reason_is_not_read() -> None:
    assert categorize("Exit code 1\n" + "ok\n" * 1000 + "ENOSPC") is ErrorCategory.COMMAND_FAILED


@given(st.text())
def test_every_text_has_a_category_and_an_outcome(text: str) -> None:
    assert categorize(text) in ErrorCategory
    assert failure_outcome(text) in {Outcome.ERROR, Outcome.DENIED, Outcome.INTERRUPTED}


@pytest.mark.parametrize("piece", ["a", " ", "git ", "Permission to use x ", "This command ", "execution ", "\n", "'"])
def test_a_hostile_text_takes_linear_time(piece: str) -> None:
    started = time.process_time()
    categorize(piece * 1_000_000)
    failure_outcome(piece * 1_000_000)
    assert time.process_time() - started < 10
