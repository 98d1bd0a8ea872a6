"""What can go wrong with a download from the Hugging Face hub."""

from __future__ import annotations

from dataclasses import dataclass

from calotype.domain.errors.root import CalotypeError


class HubError(CalotypeError):
    """Something is wrong with a download."""

    sentence = "This model could not be downloaded."


@dataclass(eq=False)
class HubNameError(HubError):
    """A text cannot be the name of a repository."""

    sentence = (
        "“{name}” is not the name of a model on Hugging Face. Write it as its page does: OWNER/NAME, with one slash."
    )

    name: str


@dataclass(eq=False)
class HubRepositoryNotFoundError(HubError):
    """The hub has no such repository, or does not show it to everybody."""

    sentence = (
        "There is no model called “{name}” on {server}, or it is private. Check the spelling of OWNER/NAME, or "
        "download it in your browser and add it from there."
    )

    name: str
    server: str


@dataclass(eq=False)
class HubRevisionNotFoundError(HubError):
    """The repository has no such branch, tag or commit."""

    sentence = "“{name}” has no revision “{revision}”. Choose a branch, tag or commit that its page lists, or none."

    name: str
    revision: str


@dataclass(eq=False)
class HubGatedError(HubError):
    """The repository is shown, but its files are given only to people who agreed to its terms."""

    sentence = (
        "“{name}” is given only to people who signed in and agreed to its terms. Do that in your browser at {page}; "
        "then enter an access token in Settings, or download the model there and add it as a file or folder."
    )

    name: str
    page: str


@dataclass(eq=False)
class HubTokenRefusedError(HubError):
    """The token is not valid, or its owner may not have the files."""

    sentence = (
        "“{name}” was refused to your access token. Agree to its terms at {page} with the account that the token "
        "belongs to, and check that the token is still valid and may read gated models; then try again."
    )

    name: str
    page: str


@dataclass(eq=False)
class HubUnreachableError(HubError):
    """No connection to the hub can be opened."""

    sentence = "{server} cannot be reached ({cause}). Check your network connection and try again."

    server: str
    cause: str


@dataclass(eq=False)
class HubAnswerError(HubError):
    """The hub answers with something that is no answer to what was asked."""

    sentence = "{server} did not answer as expected ({cause}). Try again later; what was fetched so far is kept."

    server: str
    cause: str


@dataclass(eq=False)
class HubFileNotFoundError(HubError):
    """The repository does not hold the file."""

    sentence = "“{name}” holds no file “{file}” that can be used. Those that can be are: {files}."

    name: str
    file: str
    files: str


@dataclass(eq=False)
class HubFileNotChosenError(HubError):
    """The repository holds several models in one file each."""

    sentence = (
        "“{name}” holds several models, one in each file. Name the file that you want (--file in a terminal): {files}."
    )

    name: str
    files: str


@dataclass(eq=False)
class HubNothingUsableError(HubError):
    """The repository holds no model that could be opened here."""

    sentence = (
        "“{name}” cannot be downloaded as a base model: {cause}. Look for a version of it as .safetensors, in one file "
        "or in the diffusers layout."
    )

    name: str
    cause: str


@dataclass(eq=False)
class DownloadNotConfirmedError(HubError):
    """Nobody agreed to what would be downloaded."""

    sentence = "Nothing of “{name}” was downloaded. Agree to it when you are asked, or say --yes."

    name: str


@dataclass(eq=False)
class DownloadInterruptedError(HubError):
    """The connection was lost and could not be taken up again."""

    sentence = (
        "The connection was lost while {name} was downloaded ({cause}). What was fetched is kept: download it "
        "again, and it goes on from there."
    )

    name: str
    cause: str


@dataclass(eq=False)
class DownloadDamagedError(HubError):
    """A file is not the one that the hub promised; it was deleted."""

    sentence = (
        "{name} arrived damaged: its hash is not the one that the hub states, so it was deleted. Download it again; "
        "files that are whole are kept."
    )

    name: str


@dataclass(eq=False)
class DownloadBusyError(HubError):
    """Another window or terminal is downloading the same."""

    sentence = "“{name}” is being downloaded already, in another window or terminal. Wait for that, or stop it."

    name: str
