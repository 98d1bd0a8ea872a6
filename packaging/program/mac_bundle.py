"""What macOS is told about the program: what it is called, what it opens, and what it needs."""

from __future__ import annotations

IDENTIFIER = "io.github.calotype.calotype"
OLDEST_SYSTEM = "14.0"  # the wheels of torch want it


def info_plist(version: str) -> dict[str, object]:
    """The entries of Info.plist beyond PyInstaller's own."""
    return {
        "CFBundleDisplayName": "Calotype",
        "CFBundleShortVersionString": version,
        "LSApplicationCategoryType": "public.app-category.graphics-design",
        "LSMinimumSystemVersion": OLDEST_SYSTEM,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "Apache License 2.0",
        # Dropping onto the icon; Calotype is an alternative and never the program that opens every picture.
        "CFBundleDocumentTypes": [
            _document("Picture", ["public.image"]),
            _document("Folder of pictures", ["public.folder"]),
            _document("LoRA or model", [f"{IDENTIFIER}.safetensors"]),
        ],
        "UTImportedTypeDeclarations": [
            {
                "UTTypeIdentifier": f"{IDENTIFIER}.safetensors",
                "UTTypeDescription": "Safetensors file",
                "UTTypeConformsTo": ["public.data"],
                "UTTypeTagSpecification": {"public.filename-extension": ["safetensors"]},
            }
        ],
    }


def _document(name: str, types: list[str]) -> dict[str, object]:
    return {
        "CFBundleTypeName": name,
        "CFBundleTypeRole": "Viewer",
        "LSHandlerRank": "Alternate",
        "LSItemContentTypes": types,
    }
