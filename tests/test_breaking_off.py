"""Long commands that people break off."""

import pytest

from photostore_http.commands.breaking_off import told_when_broken_off


def test_who_breaks_a_command_off_is_told_how_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, told_when_broken_off("Run it again."):
        raise KeyboardInterrupt

    assert ended.value.code == 130
    assert capsys.readouterr().err == "photostore: Run it again.\n"
