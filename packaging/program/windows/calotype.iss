; The installer for Windows: per user, without asking for an administrator. Inno Setup 6.3 or newer:
;   iscc /DVersion=0.1.0 /DProgram=..\..\..\build\package\calotype /DIcons=..\..\..\build\package\icons calotype.iss
; windows.py calls it so. Untested: nobody has run it on a Windows yet.

#ifndef Version
  #error Say which version this is: /DVersion=0.1.0
#endif
#ifndef Output
  #define Output "..\..\..\dist"
#endif

[Setup]
; Never change this: it is how a newer version finds the older one.
AppId={{6E1B1C7A-4F0B-4B6E-9C55-3D2A9A2C7F41}
AppName=Calotype
AppVersion={#Version}
AppPublisher=The Calotype authors
DefaultDirName={localappdata}\Programs\Calotype
DefaultGroupName=Calotype
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir={#Output}
OutputBaseFilename=Calotype-{#Version}-setup
SetupIconFile={#Icons}\calotype.ico
UninstallDisplayIcon={app}\Calotype.exe
LicenseFile=..\..\..\LICENSE
Compression=lzma2/normal
SolidCompression=yes
LZMAUseSeparateProcess=yes
WizardStyle=modern
CloseApplications=yes
ChangesAssociations=yes

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; Files that the newer version does not have any more; whatever the user made lies elsewhere.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Program}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Calotype"; Filename: "{app}\Calotype.exe"
Name: "{autodesktop}\Calotype"; Filename: "{app}\Calotype.exe"; Tasks: desktopicon

[Registry]
; Offered under "Open with", never taken from another program.
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "Calotype"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\shell\open\command"; ValueType: string; ValueData: """{app}\Calotype.exe"" ""%1"""; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".safetensors"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".calopack"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".png"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".jpg"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".jpeg"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".webp"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".tif"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".tiff"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".bmp"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".gif"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".avif"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".heic"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\Calotype.exe\SupportedTypes"; ValueType: string; ValueName: ".heif"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\.safetensors\OpenWithProgids"; ValueType: string; ValueName: "Applications\Calotype.exe"; ValueData: ""; Flags: uninsdeletevalue
Root: HKCU; Subkey: "Software\Classes\.calopack\OpenWithProgids"; ValueType: string; ValueName: "Applications\Calotype.exe"; ValueData: ""; Flags: uninsdeletevalue

[Run]
Filename: "{app}\Calotype.exe"; Description: "{cm:LaunchProgram,Calotype}"; Flags: nowait postinstall skipifsilent

[UninstallDelete]
; Only what the program itself may have written into its folder. Data lies elsewhere and stays.
Type: filesandordirs; Name: "{app}\_internal"

[Code]
function DataFolder: String;
var
  Lines: TArrayOfString;
begin
  Result := ExpandConstant('{localappdata}\Calotype');
  { The file that remembers another folder, in UTF-8; see startup/data_root.py. }
  if LoadStringsFromFile(Result + '\data-folder.txt', Lines) then
    if GetArrayLength(Lines) > 0 then
      if Trim(Lines[0]) <> '' then
        Result := Trim(Lines[0]);
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
begin
  if (CurUninstallStep = usPostUninstall) and DirExists(DataFolder) then
    if not UninstallSilent then
      MsgBox('Your projects, pictures and LoRAs were not touched. They are in ' + DataFolder + '.',
        mbInformation, MB_OK);
end;
